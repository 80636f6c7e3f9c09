import numpy as np
from numpy.random import default_rng

from lightning_skin.data.synthetic.lesion import Lesion
from lightning_skin.data.synthetic.melanocytic import melanoma, naevus
from lightning_skin.data.synthetic.plane import plane_of

PLANE = plane_of(96)
NAEVI = [naevus(PLANE, default_rng(seed)) for seed in range(20)]
MELANOMAS = [melanoma(PLANE, default_rng(seed)) for seed in range(20)]


def asymmetry(lesion: Lesion) -> float:
    """Share of the pigment that does not fall on its own image, turned by 180 degrees."""
    melanin = lesion.tissue.melanin
    return float(np.abs(melanin - melanin[::-1, ::-1]).sum() / (2 * melanin.sum()))


def test_a_naevus_is_made_of_melanin_and_blood_alone() -> None:
    for lesion in NAEVI:
        assert lesion.tissue.melanin.max() > 0.4
        assert not np.any([lesion.tissue.veil, lesion.tissue.scar, lesion.tissue.keratin])


def test_every_melanoma_has_a_veil_and_some_have_scars() -> None:
    assert all(lesion.tissue.veil.max() > 0.05 for lesion in MELANOMAS)
    assert 0 < sum(lesion.tissue.scar.any() for lesion in MELANOMAS) < len(MELANOMAS)


def test_melanomas_are_less_symmetric_than_naevi() -> None:
    melanomas, naevi = ([asymmetry(lesion) for lesion in group] for group in (MELANOMAS, NAEVI))
    assert np.mean(melanomas) > 1.5 * np.mean(naevi)


def test_melanomas_have_a_wider_range_of_browns() -> None:
    def spread(lesion: Lesion) -> float:
        inside = lesion.tissue.melanin[lesion.presence > 0.9]
        return float(np.quantile(inside, 0.95) - np.quantile(inside, 0.05))

    assert np.median([spread(one) for one in MELANOMAS]) > np.median([spread(one) for one in NAEVI])
