"""What a run folder says about how its predictions came about."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from lightning_skin.data.manifest import read_manifest
from lightning_skin.errors import InputError
from lightning_skin.evaluation.comparison.same_images import few
from lightning_skin.modes.run_folder import RECORD

REPEATED = ("seed", "fold")
"""What the runs that repeat one configuration differ in."""
ABOUT_THE_MACHINE = (
    *("dirpath", "save_dir", "folder", "cache_dir", "moved_to", "num_workers", "cache", "stream"),
    *("enable_progress_bar", "enable_model_summary", "every_n_minutes", "every_n_train_steps"),
)
"""Settings, by the last part of their key, that change where and how fast a run works, not what it learns."""


class Recorded(NamedTuple):
    """A run.

    Attributes:
        configuration: Equal for runs that repeat one configuration; ``None`` where it is not known.
        place: Seed and fold, which tell those runs apart.
        folds: Rounds of the cross-validation that it is one of; 1 where it is of none.
        malignant: Classes that count as malignant; none where that is not known.
        overrides: Of the command line, without those that tell them apart or are about the machine.
    """

    configuration: str | None
    place: tuple[int, int]
    folds: int
    malignant: tuple[str, ...]
    overrides: tuple[str, ...]


def read_recorded(run: Path) -> Recorded:
    """Read what a run folder says of itself; what cannot be read is not known."""
    config, record = _read(run / "config.yaml", yaml.safe_load), _read(run / RECORD, json.loads)
    texts = [str(text) for text in record.get("overrides", [])]
    kept = tuple(text for text in texts if not _is_incidental(text.lstrip("+~").partition("=")[0]))
    data = config.get("data") or {}
    place = (int(config.get("seed") or 0), int(data.get("fold") or 0))
    folds = int(data.get("folds") or 1)
    malignant = tuple(str(name) for name in record.get("malignant", []))
    return Recorded(_configuration(config) if config else None, place, folds, malignant, kept)


def require_same_content(names: Sequence[str], files: Sequence[Sequence[Path]]) -> None:
    """Make sure that images of one name are one image, as far as the manifests beside the tables know.

    Args:
        names: Of what is compared.
        files: Its predictions tables.

    Raises:
        InputError: A name stands for different images.
    """
    hashes: dict[str, tuple[str, str]] = {}
    for name, tables in zip(names, files, strict=True):
        own = {image: found for table in tables for image, found in _content(table)}
        changed = [image for image, found in own.items() if image in hashes and hashes[image][1] != found]
        if changed:
            raise InputError(
                f"{hashes[changed[0]][0]} and {name} were tested on different images of the same names, "
                f"{len(changed)} of them by the manifests of their runs: {few(changed)}; test both on the "
                "same images, with mode=test ckpt_path=RUN data=folder data.root=FOLDER"
            )
        hashes = {image: (name, found) for image, found in own.items()} | hashes


def _content(table: Path) -> Iterator[tuple[str, str]]:
    manifest = table.parent.parent / "manifest.csv"
    if table.parent.name == "predictions" and manifest.is_file():
        rows = read_manifest(manifest).rows(table.stem)
        yield from zip(rows["path"], rows["content_hash"], strict=True)


def _configuration(config: Mapping[str, Any]) -> str:
    settings = dict(_flat(config))
    if config.get("mode") == "fit":
        # Only says whether the run was resumed.
        settings.pop("ckpt_path", None)
    return json.dumps(settings, sort_keys=True, default=str)


def _flat(node: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in node.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{key}.")
        elif name not in (*REPEATED, *ABOUT_THE_MACHINE):
            yield key, value


def _is_incidental(key: str) -> bool:
    last = key.rpartition(".")[2]
    return last in (*REPEATED, *ABOUT_THE_MACHINE, "mode", "callbacks") or key.startswith(
        ("hydra.", "hydra/")
    )


def _read(path: Path, parse: Callable[[str], Any]) -> dict[str, Any]:
    try:
        content = parse(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    return content if isinstance(content, dict) else {}
