import numpy as np

from lightning_skin.data.synthetic.tissue import BLOOD, DERMIS, MELANIN, VEIL, Tissue, absorb, reflect

NOTHING = np.zeros((2, 3), np.float32)
ONE = np.ones((2, 3), np.float32)
PALE = np.broadcast_to(DERMIS, (2, 3, 3))


def test_absorbances_of_pigments_add_up() -> None:
    expected = np.broadcast_to(np.exp(-(2 * MELANIN + BLOOD)), (2, 3, 3))
    np.testing.assert_allclose(absorb(2 * ONE, ONE), expected, rtol=1e-6)


def test_a_lesion_of_nothing_leaves_the_skin_as_it_is() -> None:
    np.testing.assert_array_equal(reflect(PALE, Tissue(*[NOTHING] * 5)), PALE)


def test_full_veil_hides_what_lies_below_it() -> None:
    tissue = Tissue(melanin=3 * ONE, blood=ONE, veil=ONE, scar=NOTHING, keratin=NOTHING)
    np.testing.assert_allclose(reflect(PALE, tissue), np.broadcast_to(VEIL, (2, 3, 3)), rtol=1e-6)


def test_melanin_browns_and_blood_reddens() -> None:
    brown = reflect(PALE, Tissue(ONE, NOTHING, NOTHING, NOTHING, NOTHING))[0, 0] / DERMIS
    red = reflect(PALE, Tissue(NOTHING, ONE, NOTHING, NOTHING, NOTHING))[0, 0] / DERMIS
    assert brown[0] > brown[1] > brown[2]
    assert red[0] > red[2] > red[1]
