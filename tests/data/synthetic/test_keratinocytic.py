import numpy as np
from numpy.random import default_rng

from lightning_skin.data.synthetic.keratinocytic import (
    actinic_keratosis,
    basal_cell_carcinoma,
    benign_keratosis,
)
from lightning_skin.data.synthetic.plane import plane_of

PLANE = plane_of(96)
BENIGN, ACTINIC, BASAL = (
    [paint(PLANE, default_rng(seed)) for seed in range(20)]
    for paint in (benign_keratosis, actinic_keratosis, basal_cell_carcinoma)
)


def test_both_keratoses_are_horny_and_a_carcinoma_is_not() -> None:
    assert all(lesion.tissue.keratin.max() > 0.1 for lesion in [*BENIGN, *ACTINIC])
    assert not any(lesion.tissue.keratin.any() for lesion in BASAL)


def test_only_the_carcinoma_has_blue_grey_nests() -> None:
    assert not any(lesion.tissue.veil.any() for lesion in [*BENIGN, *ACTINIC])
    assert np.mean([lesion.tissue.veil.any() for lesion in BASAL]) > 0.9


def test_nests_of_a_carcinoma_are_pigmented() -> None:
    for lesion in BASAL:
        nest = lesion.tissue.veil > 0.5 * max(lesion.tissue.veil.max(), 0.01)
        skin = (lesion.presence > 0.9) & (lesion.tissue.veil == 0)
        assert lesion.tissue.melanin[nest].mean() > lesion.tissue.melanin[skin].mean()


def test_actinic_keratoses_are_redder_than_benign_ones() -> None:
    def redness(lesions: list) -> float:
        return float(np.mean([one.tissue.blood.sum() / one.tissue.melanin.sum() for one in lesions]))

    assert redness(ACTINIC) > 2 * redness(BENIGN)


def test_vessels_of_a_carcinoma_stand_out_of_its_ground() -> None:
    # Thin lines: a small share of the area, far above the median.
    contrasts = [
        np.quantile(one.tissue.blood[one.presence > 0.9], 0.98)
        / np.median(one.tissue.blood[one.presence > 0.9])
        for one in BASAL
    ]
    assert np.median(contrasts) > 2


def test_borders_of_actinic_keratoses_are_softer_than_those_of_benign_ones() -> None:
    def blur(lesions: list) -> float:
        return float(np.mean([((one.presence > 0.1) & (one.presence < 0.9)).mean() for one in lesions]))

    assert blur(ACTINIC) > blur(BENIGN)
