import numpy as np
from numpy.random import default_rng

from lightning_skin.data.synthetic.dermal import dermatofibroma, vascular_lesion
from lightning_skin.data.synthetic.plane import plane_of

PLANE = plane_of(96)
RADIUS = np.hypot(PLANE.u, PLANE.v)
CENTRE, RING, OUTSIDE = RADIUS < 0.25, (RADIUS > 0.6) & (RADIUS < 0.8), RADIUS > 1.3
DERMATOFIBROMAS = [dermatofibroma(PLANE, default_rng(seed)) for seed in range(20)]
VASCULAR = [vascular_lesion(PLANE, default_rng(seed)) for seed in range(20)]


def test_a_dermatofibroma_is_scarred_in_its_centre_and_not_at_its_rim() -> None:
    scars = np.mean([lesion.tissue.scar for lesion in DERMATOFIBROMAS], axis=0)
    assert scars[CENTRE].mean() > 10 * scars[RING].mean()


def test_a_dermatofibroma_has_less_pigment_in_its_centre_than_around_it() -> None:
    melanin = np.mean([lesion.tissue.melanin for lesion in DERMATOFIBROMAS], axis=0)
    assert melanin[CENTRE].mean() < 0.8 * melanin[RING].mean()


def test_a_dermatofibroma_has_neither_veil_nor_keratin() -> None:
    assert not any(np.any([one.tissue.veil, one.tissue.keratin]) for one in DERMATOFIBROMAS)


def test_a_vascular_lesion_holds_more_blood_than_melanin() -> None:
    for lesion in VASCULAR:
        assert lesion.tissue.blood.sum() > 1.2 * lesion.tissue.melanin.sum()


def test_a_vascular_lesion_has_septa_without_lacunar_blood() -> None:
    # Between lacunae only the even ground is left, inside them three times as much is common.
    contrasts = [
        np.quantile(one.tissue.blood[one.presence > 0.9], 0.95)
        / np.quantile(one.tissue.blood[one.presence > 0.9], 0.05)
        for one in VASCULAR
    ]
    assert np.median(contrasts) > 2


def test_a_vascular_lesion_ends_at_its_border() -> None:
    assert max(lesion.tissue.blood[OUTSIDE].mean() for lesion in VASCULAR) < 0.05
