"""Where the configuration files lie."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]


def find_conf_folder() -> Path:
    """Return the folder of ``config.yaml``: inside an installed wheel, else beside the package."""
    installed = PACKAGE / "conf"
    return installed if installed.is_dir() else PACKAGE.parent / "conf"


def list_groups(conf_folder: Path) -> dict[str, list[str]]:
    """Map every configuration group to its choices, both sorted.

    Args:
        conf_folder: Folder of ``config.yaml``.

    Returns:
        Such as ``{"model/optimizer": ["adamw", "sgd"]}``; ``base`` is no group of choices and left out.
    """
    groups: dict[str, list[str]] = {}
    for file in sorted(conf_folder.rglob("*.yaml")):
        group = file.parent.relative_to(conf_folder).as_posix()
        if group not in (".", "base"):
            groups.setdefault(group, []).append(file.stem)
    return groups
