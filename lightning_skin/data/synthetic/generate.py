"""A folder of synthetic lesions in the layout of HAM10000."""

from pathlib import Path

import pandas as pd
from numpy.random import default_rng
from PIL import Image

from lightning_skin.atomic import atomic_folder
from lightning_skin.data.synthetic.camera import Photograph
from lightning_skin.data.synthetic.classes import render_lesion
from lightning_skin.data.synthetic.metadata import draw_record
from lightning_skin.errors import InputError
from lightning_skin.progress import track

VERSION = 2

# Fourteen lesions hold each class in its share of the collection: mildly imbalanced, naevi first.
DECK = ("nv",) * 5 + ("mel", "bkl", "bcc") * 2 + ("akiec", "df", "vasc")

VIEWS = (1, 2, 3)
VIEW_SHARES = (0.5, 0.3, 0.2)

MIN_SIZE = 32

OWN = ("lesions", ".")  # of collections, and of what file managers leave


def synthesise(folder: Path, *, lesions: int, size: int, seed: int) -> Path:
    """Write a collection once; where it exists already, return at once.

    It holds ``images/<dx>/SYN_*.jpg``, ``masks/SYN_*_segmentation.png`` (0 or 255) and
    ``HAM10000_metadata.csv``. Lesion number i is the same in every collection of the same seed and size,
    however many lesions follow it.

    Args:
        folder: Where collections are kept; created if need be.
        lesions: Number of lesions, at least 1; each has one to three images.
        size: Height of the images in pixels, at least 32; they are 4/3 as wide.
        seed: Non-negative; decides every pixel.

    Returns:
        The collection's own folder under ``folder``, named for the arguments and the generator's version.

    Raises:
        InputError: An argument is out of range, or ``folder`` holds anything but collections.
    """
    for name, value, least in (("lesions", lesions, 1), ("size", size, MIN_SIZE), ("seed", seed, 0)):
        if value < least:
            raise InputError(f"synthetic {name} is {value}, expected at least {least}")
    collection = folder / f"lesions{lesions}_size{size}_seed{seed}_v{VERSION}"
    if collection.is_dir():
        return collection
    folder.mkdir(parents=True, exist_ok=True)
    if foreign := sorted(path.name for path in folder.iterdir() if not path.name.startswith(OWN)):
        raise InputError(
            f"{folder} holds {foreign[0]}, so no lesions are drawn there; for your own images add data=folder"
        )
    with atomic_folder(collection, first_stays=True) as draft:
        _write_collection(draft, lesions, size, seed)
    return collection


def class_of(number: int, seed: int) -> str:
    """Return the class of lesion ``number``: every fourteen lesions are one shuffled `DECK`."""
    deal, position = divmod(number, len(DECK))
    return str(default_rng((seed, deal, 0)).permutation(DECK)[position])


def _write_collection(root: Path, lesions: int, size: int, seed: int) -> None:
    (root / "masks").mkdir()
    for dx in sorted(set(DECK)):
        (root / "images" / dx).mkdir(parents=True)
    rows: list[dict[str, str | float | None]] = []
    for number in track(range(lesions), "Drawing synthetic lesions"):
        dx = class_of(number, seed)
        rng = default_rng((seed, number, 1))
        record = draw_record(rng)._asdict()
        views = int(rng.choice(VIEWS, p=VIEW_SHARES))
        for photograph in render_lesion(dx, (seed, number, 2), size=size, views=views):
            image_id = f"SYN_{len(rows) + 1:07}"
            _write_photograph(root, dx, image_id, photograph)
            rows.append({"lesion_id": f"LES_{number + 1:07}", "image_id": image_id, "dx": dx, **record})
    pd.DataFrame(rows).to_csv(root / "HAM10000_metadata.csv", index=False)


def _write_photograph(root: Path, dx: str, image_id: str, photograph: Photograph) -> None:
    Image.fromarray(photograph.image).save(root / "images" / dx / f"{image_id}.jpg", quality=92)
    Image.fromarray(photograph.mask).convert("L").save(root / "masks" / f"{image_id}_segmentation.png")
