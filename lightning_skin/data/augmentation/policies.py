"""Augmentation policies of the literature, without the operations that skin does not undergo."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import cv2
import numpy as np
import torch
from numpy.random import Generator
from torchvision.transforms import v2

from lightning_skin.data.augmentation.contract import Augmentation
from lightning_skin.data.augmentation.light import random_square
from lightning_skin.data.resize import Pixels

Operations = Mapping[str, tuple[Callable[[int, int, int], torch.Tensor | None], bool]]
"""By torchvision's name: number of magnitudes, height and width -> magnitudes; whether they have a sign."""


def _nothing(_bins: int, _height: int, _width: int) -> None:
    return None


def _up_to(largest: float, bins: int, _height: int, _width: int) -> torch.Tensor:
    return torch.linspace(0, largest, bins)


def _share_of_side(largest: float, bins: int, height: int, _width: int) -> torch.Tensor:
    return torch.linspace(0, largest * height, bins)


def _operations(shear: float, shift: float, turn: float, colour: float) -> Operations:
    """Those of both policies, at their largest magnitudes.

    Left out are solarize, which draws lesions lighter than skin, and posterize and equalize, which invent
    colours and borders: diagnoses rest on both.

    Args:
        shear: Tangent of the angle.
        shift: Share of the side.
        turn: In degrees.
        colour: Relative change of brightness, contrast, saturation and sharpness.
    """
    changes = dict.fromkeys(("Brightness", "Color", "Contrast", "Sharpness"), (partial(_up_to, colour), True))
    return {
        "Identity": (_nothing, False),
        **dict.fromkeys(("ShearX", "ShearY"), (partial(_up_to, shear), True)),
        **dict.fromkeys(("TranslateX", "TranslateY"), (partial(_share_of_side, shift), True)),
        "Rotate": (partial(_up_to, turn), True),
        **changes,
        "AutoContrast": (_nothing, False),
    }


class _RandAugment(v2.RandAugment):  # type: ignore[misc]  # torchvision has no types
    _AUGMENTATION_SPACE = _operations(shear=0.3, shift=150 / 331, turn=30, colour=0.9)


class _TrivialAugment(v2.TrivialAugmentWide):  # type: ignore[misc]
    # The paper's shear, 0.99, pushes lesions out of the image, its shifts are pixels of images of 224, and
    # its colours end in black and grey.
    _AUGMENTATION_SPACE = _operations(shear=0.3, shift=32 / 224, turn=135, colour=0.5)


def randaugment(min_scale: float, operations: int, magnitude: int) -> Augmentation:
    """Some operations at one magnitude, each drawn anew (Cubuk et al., CVPR workshops 2020).

    They follow a random square, flipped and turned by quarters. What comes from outside the image has its
    mean colour.

    Args:
        min_scale: Smallest share of the largest square's area that a crop keeps, in (0, 1].
        operations: How many, one after the other.
        magnitude: From 0 to 30, the largest that the policy knows.
    """
    return partial(
        _augmented,
        min_scale=min_scale,
        policy=partial(_RandAugment, num_ops=operations, magnitude=magnitude, num_magnitude_bins=31),
    )


def trivialaugment(min_scale: float) -> Augmentation:
    """One operation at a random magnitude (TrivialAugment Wide, Müller and Hutter, ICCV 2021).

    It follows a random square, as for ``randaugment``. The largest shear is that of ``randaugment``, and the
    largest changes of colour are half of the paper's.

    Args:
        min_scale: Smallest share of the largest square's area that a crop keeps, in (0, 1].
    """
    return partial(_augmented, min_scale=min_scale, policy=_TrivialAugment)


def _augmented(
    pixels: Pixels, size: int, generator: Generator, min_scale: float, policy: Callable[..., Any]
) -> Pixels:
    square = random_square(pixels, size, generator, min_scale)
    operate = policy(interpolation=v2.InterpolationMode.BILINEAR, fill=cv2.mean(square)[:3])
    image = torch.from_numpy(square).permute(2, 0, 1)
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(int(generator.integers(2**63)))
        changed = operate(image)
    return np.ascontiguousarray(changed.permute(1, 2, 0).numpy())
