"""What ``data/augmentation=fused`` does, beside torchvision: ``python benchmarks/augmentation_picture.py``.

Draws docs/augmentation_fused.png, of synthetic lesions: each colour change alone, at its largest strength
(the hue, the one that differs, at three times that too), and random draws of both augmentations.
"""

from pathlib import Path

import numpy as np
from numpy.random import default_rng
from PIL import Image
from torchvision.transforms import functional

from lightning_skin.data.augmentation import fused, standard
from lightning_skin.data.augmentation.colour import colour_matrix
from lightning_skin.data.augmentation.fused import recolour
from lightning_skin.data.resize import Pixels, resize
from lightning_skin.data.synthetic.classes import render_lesion
from lightning_skin.evaluation.figures.image_grid import DPI, image_grid_figure
from lightning_skin.evaluation.figures.save import save_figure

PICTURE = Path(__file__).parents[1] / "docs" / "augmentation_fused.png"
STRENGTHS = (0.15, 0.15, 0.15, 0.02)  # those of conf/data/augmentation/fused.yaml
NAMES = ("brightness", "contrast", "saturation", "hue")
UNCHANGED = {"brightness": 1.0, "contrast": 1.0, "saturation": 1.0, "hue": 0.0}
ADJUST = (
    functional.adjust_brightness,
    functional.adjust_contrast,
    functional.adjust_saturation,
    functional.adjust_hue,
)
LESIONS = ("mel", "bkl")
SIZE = 112


def main() -> None:
    """Draw the picture."""
    lesions = [
        render_lesion(dx, (0, number), size=450, views=1)[0].image for number, dx in enumerate(LESIONS)
    ]
    changes = [
        (name, sign * strength) for name, strength in zip(NAMES, STRENGTHS, strict=True) for sign in (-1, 1)
    ]
    changes.append(("hue", 3 * STRENGTHS[3]))
    square = resize(lesions[0][:, 75:525], SIZE, SIZE)
    titles = ["unchanged", *(f"{name} {value:+.2g}" for name, value in changes)]
    rows = [
        ("torchvision", [square, *(changed_by_torchvision(square, *change) for change in changes)]),
        ("fused", [square, *(changed_by_matrix(square, *change) for change in changes)]),
    ]
    for name, build in (("standard,\nrandom draws", standard), ("fused,\nrandom draws", fused)):
        augment, generator = build(0.6, *STRENGTHS), default_rng(0)
        rows.append((name, [augment(lesions[draw % 2], SIZE, generator) for draw in range(len(titles))]))
    save_figure(image_grid_figure(rows, [title.replace(" ", "\n") for title in titles]), PICTURE, DPI)


def changed_by_torchvision(pixels: Pixels, name: str, value: float) -> Pixels:
    """One change of torchvision's."""
    factor = value if name == "hue" else 1 + value
    return np.asarray(ADJUST[NAMES.index(name)](Image.fromarray(pixels), factor))


def changed_by_matrix(pixels: Pixels, name: str, value: float) -> Pixels:
    """The same change of ours."""
    factors = {**UNCHANGED, name: UNCHANGED[name] + value}
    return recolour(pixels, colour_matrix(**factors, mean=pixels.mean((0, 1))))


if __name__ == "__main__":
    main()
