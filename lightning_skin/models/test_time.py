"""Test-time augmentation: probabilities averaged over turned and mirrored views of the images.

Dermoscopy has no up, so that all eight views of the dihedral group show the same lesion.
"""

from collections.abc import Callable, Mapping

from torch import Tensor

from lightning_skin.models.collector import Said

VIEWS: Mapping[str, int] = {"none": 1, "flips": 4, "dihedral": 8}
"""How many views each kind of test-time augmentation averages: each a group, so that the average is the same
whichever of the views comes first."""


def view(images: Tensor, number: int) -> Tensor:
    """One of the eight views of square images ``(B, K, S, S)``; the first four never turn by 90 degrees.

    Args:
        images: Square.
        number: In [0, 8), 0 being the images as they are. Its bits: 1 mirrors columns, 2 mirrors rows, 4 then
            transposes.
    """
    axes = [axis for bit, axis in ((1, 3), (2, 2)) if number & bit]
    seen = images.flip(axes) if axes else images
    return seen.transpose(2, 3) if number & 4 else seen


def plain_and_averaged(network: Callable[[Tensor], Tensor], images: Tensor, views: int) -> tuple[Said, Said]:
    """What a network says of images as they are, and averaged over their views.

    The plain view is one of them, so that ``views`` forward passes give both. They run one after the other,
    in the memory of one.

    Args:
        network: Maps images to logits ``(B, C)``.
        images: Square ``(B, K, S, S)``, on the network's device.
        views: Of ``view``, from 0: 1, 4 or 8.
    """
    plain = total = Said.of_logits(network(images))
    for number in range(1, views):
        seen = Said.of_logits(network(view(images, number)))
        total = Said(total.probabilities + seen.probabilities, total.log_sum_exp + seen.log_sum_exp)
    return plain, Said(total.probabilities / views, total.log_sum_exp / views)
