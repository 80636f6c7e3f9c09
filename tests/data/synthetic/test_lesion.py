import numpy as np
import pytest
from numpy.random import default_rng

from lightning_skin.data.synthetic.lesion import Lesion, blotch, depth_inside, mottled, presence_of, tinted
from lightning_skin.data.synthetic.plane import EXTENT, plane_of
from lightning_skin.data.synthetic.tissue import Tissue

PLANE = plane_of(200)
PIXEL_AREA = (2 * EXTENT / 200) ** 2


@pytest.mark.parametrize("seed", range(3))
def test_a_regular_outline_is_an_ellipse_of_unit_mean_radius(seed: int) -> None:
    depth = depth_inside(PLANE, default_rng(seed), irregularity=0.0)
    assert (depth > 0).sum() * PIXEL_AREA == pytest.approx(np.pi, rel=0.01)
    assert depth.max() == pytest.approx(1, abs=0.03)


def test_irregularity_is_the_relative_deviation_of_the_radius() -> None:
    regular = depth_inside(PLANE, default_rng(0), irregularity=0.0)
    ragged = depth_inside(PLANE, default_rng(0), irregularity=0.1)
    # Both share the ellipse; the ratio of (1 - depth) is the factor on the radius.
    factor = ((1 - regular) / (1 - ragged))[(np.hypot(PLANE.u, PLANE.v) < 0.9) & (regular < 0.9)]
    assert factor.std() == pytest.approx(0.1, abs=0.015)


@pytest.mark.parametrize("seed", range(20))
def test_the_softest_raggedest_border_ends_on_the_plane(seed: int) -> None:
    presence = presence_of(depth_inside(PLANE, default_rng(seed), irregularity=0.2), softness=0.8)
    rim = np.concatenate([presence[0], presence[-1], presence[:, 0], presence[:, -1]])
    assert rim.max() < 0.05


def test_presence_is_one_half_on_the_outline_whatever_the_softness() -> None:
    depth = np.array([-0.2, 0.0, 0.2], np.float32)
    np.testing.assert_allclose(presence_of(depth, 0.4), [0, 0.5, 1], atol=1e-6)
    np.testing.assert_allclose(presence_of(depth, 0.8), [0.15625, 0.5, 0.84375], atol=1e-6)


def test_a_tint_stays_inside_the_lesion() -> None:
    presence = (np.hypot(PLANE.u, PLANE.v) < 1).astype(np.float32)
    nothing = np.zeros_like(presence)
    tissue = tinted(Lesion(presence, Tissue(*[nothing] * 5)), PLANE, default_rng(0)).tissue
    assert tissue.melanin[presence == 1].mean() > 0.05
    assert tissue.blood[presence == 1].mean() > 0.05
    assert not tissue.melanin[presence == 0].any()
    assert not tissue.blood[presence == 0].any()


def test_a_blotch_fills_its_centre_and_ends_near_its_radius() -> None:
    patch = blotch(PLANE, default_rng(0), (0.4, -0.3), radius=0.3)
    distance = np.hypot(PLANE.u - 0.4, PLANE.v + 0.3)
    assert patch[distance < 0.03].min() > 0.9
    assert patch[distance > 0.75].max() == 0


def test_grain_varies_around_one_and_vanishes_with_its_strength() -> None:
    assert mottled(PLANE, default_rng(0), 0.3).mean() == pytest.approx(1, abs=0.05)
    np.testing.assert_array_equal(mottled(PLANE, default_rng(0), 0.0), 1)
