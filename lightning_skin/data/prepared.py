"""What mode=prepare left as a source: its manifest, images that were dropped left out."""

from pathlib import Path

from lightning_skin.data.manifest import read_manifest
from lightning_skin.data.sources import Source
from lightning_skin.errors import InputError


def prepared(manifest: str, moved_to: str | None, stream: str | None) -> Source:
    """Read a manifest with its labels, groups and split, and the contents that it expects.

    Args:
        manifest: The file, or the run folder that holds ``manifest.csv``.
        moved_to: The folder of the images, where it is another one now.
        stream: Where shards of the images are; their folder may then be absent.

    Raises:
        InputError: There is no manifest, or no folder of images.
    """
    path = Path(manifest).expanduser()
    file = path / "manifest.csv" if path.is_dir() else path
    if not file.exists():
        raise InputError(f"{file} does not exist; set data.manifest=RUN to the folder of a mode=prepare run")
    read = read_manifest(file)
    top = read.root if moved_to is None else Path(moved_to).expanduser().resolve()
    if stream is not None and not top.is_dir():
        return Source(top, read.table, inspected=True)
    if not top.is_dir():
        raise InputError(
            f"{top}, the folder of the images of {path}, does not exist; name it with data.moved_to=FOLDER"
        )
    return Source(top, read.table)
