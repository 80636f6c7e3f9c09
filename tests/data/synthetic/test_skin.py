import numpy as np
import pytest
from numpy.random import default_rng

from lightning_skin.data.synthetic.skin import Skin, draw_skin, paint_skin
from lightning_skin.data.synthetic.tissue import BLOOD, DERMIS, MELANIN

SMOOTH = Skin(melanin=0.3, blood=0.1, freckles=0.0, grain=0.0, vessels=0.0)


def test_skin_without_texture_has_the_colour_of_its_pigments() -> None:
    colours = paint_skin(SMOOTH, default_rng(0), (30, 40))
    expected = DERMIS * np.exp(-(0.3 * MELANIN + 0.1 * BLOOD))
    np.testing.assert_allclose(colours, np.broadcast_to(expected, (30, 40, 3)), rtol=1e-5)


@pytest.mark.parametrize("texture", ["freckles", "grain", "vessels"])
def test_every_texture_shows(texture: str) -> None:
    textured = paint_skin(SMOOTH._replace(**{texture: 0.3}), default_rng(0), (60, 80))
    assert textured.std(axis=(0, 1)).max() > 0.005


def test_tones_range_from_pale_to_dark_and_are_mostly_light() -> None:
    tones = np.array([draw_skin(default_rng(seed)).melanin for seed in range(500)])
    assert tones.min() < 0.01
    assert tones.max() > 0.6
    assert (tones < 0.3).mean() > 0.6
