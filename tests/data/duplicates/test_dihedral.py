import torch
from PIL import Image
from torch import Tensor

from lightning_skin.data.duplicates.dihedral import NAMES, turned

SQUARES = torch.arange(2 * 9.0).reshape(2, 3, 3)


def test_there_are_eight_different_ones_with_the_same_pixels() -> None:
    variants = turned(SQUARES)
    assert variants.shape == (8, 2, 3, 3)
    assert len({tuple(variant.flatten().tolist()) for variant in variants}) == len(NAMES) == 8
    for variant in variants:
        torch.testing.assert_close(variant.flatten(1).sort().values, SQUARES.flatten(1))


def test_names_say_what_was_done() -> None:
    variants = dict(zip(enumerate(NAMES), turned(SQUARES), strict=True))

    def transposed(method: Image.Transpose) -> Tensor:
        images = [Image.fromarray(square.numpy()).transpose(method) for square in SQUARES]
        return torch.stack([torch.tensor(list(image.getdata())).reshape(3, 3) for image in images])

    expected = {
        "": [SQUARES],
        "turned by 90 degrees": [
            transposed(Image.Transpose.ROTATE_90),
            transposed(Image.Transpose.ROTATE_270),
        ],
        "turned by 180 degrees": [transposed(Image.Transpose.ROTATE_180)],
        "flipped": [transposed(Image.Transpose.FLIP_LEFT_RIGHT)],
        "flipped and turned by 90 degrees": [
            transposed(Image.Transpose.TRANSPOSE),
            transposed(Image.Transpose.TRANSVERSE),
        ],
        "flipped and turned by 180 degrees": [transposed(Image.Transpose.FLIP_TOP_BOTTOM)],
    }
    for name, squares in expected.items():
        named = [variant for (_, other), variant in variants.items() if other == name]
        assert sorted(variant.tolist() for variant in named) == sorted(square.tolist() for square in squares)


def test_a_name_holds_for_the_way_there_and_back() -> None:
    for name, variant in zip(NAMES, turned(SQUARES), strict=True):
        back = [other for other, again in zip(NAMES, turned(variant), strict=True) if again.equal(SQUARES)]
        assert back == [name]
