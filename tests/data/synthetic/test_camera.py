import numpy as np
import pytest
from numpy.random import default_rng

from lightning_skin.data.synthetic.artefacts import ArtefactRates
from lightning_skin.data.synthetic.camera import Photograph, Setting, draw_setting, photograph
from lightning_skin.data.synthetic.lesion import Lesion
from lightning_skin.data.synthetic.plane import plane_of
from lightning_skin.data.synthetic.skin import Skin
from lightning_skin.data.synthetic.tissue import Tissue

CLEAN = ArtefactRates(0, 0, 0, 0, 0, 0)
SKIN = Skin(melanin=0.1, blood=0.1, freckles=0.0, grain=0.0, vessels=0.0)
SETTING = Setting(radius=0.25, white_balance=np.ones(3), exposure=1.0, contrast=1.0)


def brown_disc() -> Lesion:
    plane = plane_of(150)
    disc = (np.hypot(plane.u, plane.v) < 1).astype(np.float32)
    nothing = np.zeros_like(disc)
    return Lesion(disc, Tissue(disc, nothing, nothing, nothing, nothing))


def shoot(seed: int, size: int = 96) -> Photograph:
    return photograph(brown_disc(), SKIN, SETTING, default_rng(seed), size, CLEAN)


@pytest.mark.parametrize(("size", "width"), [(96, 128), (50, 67)])
def test_image_and_mask_are_four_by_three(size: int, width: int) -> None:
    image, mask = shoot(0, size)
    assert (image.shape, image.dtype) == ((size, width, 3), np.uint8)
    assert (mask.shape, mask.dtype) == ((size, width), np.bool_)


@pytest.mark.parametrize("seed", range(5))
def test_the_mask_has_the_size_of_the_lesion_up_to_the_zoom_of_the_view(seed: int) -> None:
    radius = np.sqrt(shoot(seed).mask.sum() / np.pi) / 96
    assert 0.25 * 0.87 < radius < 0.25 * 1.15


@pytest.mark.parametrize("seed", range(5))
def test_the_mask_lies_on_the_lesion(seed: int) -> None:
    image, mask = shoot(seed)
    darkness = 255 - image[..., 2].astype(float)
    darkest = darkness >= np.quantile(darkness, 1 - mask.mean())
    assert (darkest & mask).sum() / (darkest | mask).sum() > 0.85


def test_white_balance_and_contrast_act_on_the_colours() -> None:
    plain = shoot(0).image.astype(float).mean(axis=(0, 1))
    blue = SETTING._replace(white_balance=np.array([1, 1, 1.3]))
    bluish = photograph(brown_disc(), SKIN, blue, default_rng(0), 96, CLEAN).image.mean(axis=(0, 1))
    np.testing.assert_allclose(bluish[:2], plain[:2], rtol=0.01)
    assert bluish[2] > 1.1 * plain[2]
    harsh = SETTING._replace(contrast=1.4)
    assert photograph(brown_disc(), SKIN, harsh, default_rng(0), 96, CLEAN).image.mean() < plain.mean()


def test_each_view_differs_and_one_seed_gives_one_view() -> None:
    assert (shoot(0).image != shoot(1).image).mean() > 0.5
    np.testing.assert_array_equal(shoot(0).image, shoot(0).image)


def test_settings_span_a_range_of_sizes_and_colours() -> None:
    settings = [draw_setting(default_rng(seed)) for seed in range(200)]
    radii = [setting.radius for setting in settings]
    assert (min(radii), max(radii)) == pytest.approx((0.2, 0.36), abs=0.01)
    assert np.std([np.log(setting.white_balance[2]) for setting in settings]) == pytest.approx(0.1, abs=0.015)
