import numpy as np
import pytest
from numpy.random import default_rng

from lightning_skin.data.synthetic.plane import EXTENT, plane_of
from lightning_skin.data.synthetic.shapes import dots, ovals, rasterise, strokes, tree

PLANE = plane_of(200)
PIXEL_AREA = (2 * EXTENT / 200) ** 2


def test_a_line_covers_its_length_times_its_width() -> None:
    line = np.array([[10.0, 20.0], [50.0, 20.0]])
    assert rasterise([(line, 4.0)], (40, 60)).sum() == pytest.approx(160, rel=0.05)


def test_a_stroke_is_measured_in_lesion_radii() -> None:
    path = np.array([[-1.0, 0.5], [1.0, 0.5]])
    cover = strokes(PLANE, [(path, 0.2)])
    assert cover.sum() * PIXEL_AREA == pytest.approx(0.4, rel=0.05)
    assert (cover * PLANE.v).sum() / cover.sum() == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("elongation", [1.0, 2.0])
def test_an_oval_keeps_its_area_however_long_it_is(elongation: float) -> None:
    centre, radius = np.array([[0.3, -0.2]]), np.array([0.4])
    cover = ovals(PLANE, default_rng(0), centre, radius, elongation, softness=0.0)
    assert cover.sum() * PIXEL_AREA == pytest.approx(np.pi * 0.4**2, rel=0.04)
    assert (cover * PLANE.u).sum() / cover.sum() == pytest.approx(0.3, abs=0.01)


def test_softness_blurs_the_rim_and_leaves_the_area() -> None:
    centre, radius = np.zeros((1, 2)), np.array([0.5])
    sharp = ovals(PLANE, default_rng(0), centre, radius, 1.0, softness=0.0)
    soft = ovals(PLANE, default_rng(0), centre, radius, 1.0, softness=0.1)
    assert soft.sum() == pytest.approx(sharp.sum(), rel=0.01)
    assert np.abs(np.diff(soft[100])).max() < 0.5 * np.abs(np.diff(sharp[100])).max()


def test_a_dot_is_a_gaussian_of_its_radius() -> None:
    cover = dots(PLANE, np.array([[0.25, -0.5]]), np.array([0.1]))
    distance = np.hypot(PLANE.u - 0.25, PLANE.v + 0.5)
    np.testing.assert_allclose(cover, np.exp(-0.5 * (distance / 0.1) ** 2), atol=1e-5)


def test_overlapping_dots_do_not_exceed_full_cover() -> None:
    assert dots(PLANE, np.zeros((3, 2)), np.full(3, 0.2)).max() == 1


def test_a_tree_starts_at_its_root_and_gets_thinner() -> None:
    branches = tree(default_rng(0), np.array([1.0, 0.0]), heading=np.pi, length=1.2, width=0.06)
    trunk, width = branches[0]
    np.testing.assert_allclose(trunk[0], [1, 0])
    assert np.hypot(*np.diff(trunk, axis=0).T).sum() == pytest.approx(1.2)
    # 0.06 branches into 0.039, that into 0.025, which branches no more: 1 + 3 + 9 vessels.
    widths = [branch[1] for branch in branches]
    assert sorted(np.round(widths, 5), reverse=True) == [width] + [0.039] * 3 + [0.02535] * 9
