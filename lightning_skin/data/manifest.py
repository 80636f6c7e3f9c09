"""The manifest: one row an image, the split a column, a hash that names the data of a run."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from lightning_skin.atomic import atomic_path
from lightning_skin.errors import InputError

ROOT_LINE = "# root: "
REQUIRED = ("path", "label", "split", "group", "content_hash")
FILE_COLUMNS = (*REQUIRED, "width", "height", "mask")
"""All but what is known of the lesion, the patient and where the image comes from."""


@dataclass(frozen=True)
class Manifest:
    """The images of a run.

    Attributes:
        root: Folder that the paths are relative to.
        table: Columns ``path``, ``label``, ``split`` (train, val, test), ``group`` (lesion or patient),
            ``content_hash``, ``width``, ``height`` and what else the source knows.
    """

    root: Path
    table: pd.DataFrame

    @property
    def class_names(self) -> tuple[str, ...]:
        """All labels, sorted."""
        return tuple(sorted(set(self.table["label"])))

    @cached_property
    def hash(self) -> str:
        """SHA-256 over path, label, split, group and content of every image, whatever their order."""
        rows = self.table[list(REQUIRED)].sort_values("path")
        return hashlib.sha256(rows.to_csv(index=False, lineterminator="\n").encode()).hexdigest()

    def rows(self, split: str) -> pd.DataFrame:
        """The images of one split."""
        return self.table[self.table["split"] == split].reset_index(drop=True)

    def require_root(self) -> None:
        """Make sure that the images can be found.

        Raises:
            InputError: Their folder is gone.
        """
        if not self.root.is_dir():
            raise InputError(
                f"{self.root}, the folder of the run's images, is gone; "
                "name it with data=folder data.root=FOLDER"
            )

    def write(self, path: Path) -> None:
        """Write the table as CSV; the root goes into its first, commented line."""
        with atomic_path(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
            file.write(f"{ROOT_LINE}{self.root}\n")
            self.table.to_csv(file, index=False, lineterminator="\n")


def read_manifest(path: Path) -> Manifest:
    """Read what ``Manifest.write`` wrote, whether or not the images still lie where they did.

    Raises:
        InputError: The file is missing or is no manifest.
    """
    try:
        with path.open(encoding="utf-8") as file:
            first = file.readline()
            table = pd.read_csv(file, dtype=str, keep_default_na=False)
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; name the data with data=folder data.root=FOLDER") from None
    except (OSError, ValueError) as error:
        why = (isinstance(error, OSError) and error.strerror) or error
        raise InputError(f"{path} is not a manifest: {why}") from None
    if not first.startswith(ROOT_LINE) or not set(REQUIRED) <= set(table):
        raise InputError(f"{path} is not a manifest, expected the columns {', '.join(REQUIRED)}")
    return Manifest(Path(first.removeprefix(ROOT_LINE).rstrip("\n")), table)
