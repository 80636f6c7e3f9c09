import numpy as np
import pytest
from numpy.random import default_rng

from lightning_skin.data.synthetic.plane import (
    EXTENT,
    disc_points,
    honeycomb,
    noise,
    plane_of,
    scatter,
    smoothstep,
)


def test_coordinates_are_pixel_centres_in_lesion_radii() -> None:
    plane = plane_of(4)
    np.testing.assert_allclose(plane.u[2], np.array([-0.75, -0.25, 0.25, 0.75]) * EXTENT, rtol=1e-6)
    np.testing.assert_array_equal(plane.v, plane.u.T)


def test_the_origin_lies_in_the_middle_of_the_plane() -> None:
    corners = np.array([[0.0, 0.0], [EXTENT, -EXTENT]])
    np.testing.assert_allclose(plane_of(10).pixels(corners), [[5, 5], [10, 0]])


def test_smoothstep_passes_through_its_hand_computed_values() -> None:
    values = np.array([0.0, 1.0, 1.5, 2.0, 3.0, 9.0], np.float32)
    np.testing.assert_allclose(smoothstep(values, 1, 3), [0, 0, 0.15625, 0.5, 1, 1])


@pytest.mark.parametrize("octaves", [1, 3])
def test_noise_has_zero_mean_and_about_unit_deviation(octaves: int) -> None:
    field = noise(default_rng(0), 20, (300, 300), octaves)
    assert abs(field.mean()) < 0.1
    assert 0.8 < field.std() < 1.4


def test_noise_of_one_seed_is_the_same_at_any_resolution() -> None:
    coarse = noise(default_rng(0), 6, (60, 80))
    fine = noise(default_rng(0), 6, (180, 240))
    np.testing.assert_allclose(fine[1::3, 1::3], coarse, atol=1e-4)


def test_holes_of_a_honeycomb_are_one_spacing_apart() -> None:
    plane = plane_of(200)
    spacing = 0.4
    net = honeycomb(plane, default_rng(0), spacing, distortion=0.0)
    # A hexagonal lattice of that spacing has its strongest waves at 2 / (sqrt(3) spacing) cycles a radius.
    spectrum = np.abs(np.fft.fft2(net - net.mean()))
    rows, columns = np.unravel_index(spectrum.argmax(), spectrum.shape)
    cycles = np.hypot(np.fft.fftfreq(200)[rows], np.fft.fftfreq(200)[columns]) * 200 / (2 * EXTENT)
    assert cycles == pytest.approx(2 / (np.sqrt(3) * spacing), abs=0.25)
    assert 0 <= net.min() < 0.05
    assert 0.95 < net.max() <= 1


def test_points_without_jitter_have_six_neighbours_at_the_spacing() -> None:
    points = scatter(default_rng(0), spacing=0.3, jitter=0.0)
    distances = np.hypot(*(points[:, None] - points).T)
    np.fill_diagonal(distances, np.inf)
    np.testing.assert_allclose(distances.min(axis=0), 0.3)
    inner = np.hypot(*points.T) < 0.8
    assert set(np.isclose(distances, 0.3).sum(axis=0)[inner]) == {6}
    assert np.hypot(*points.T).max() < 1.2


def test_disc_points_are_uniform_over_the_area() -> None:
    radii = np.hypot(*disc_points(default_rng(0), 20_000, reach=0.8).T)
    assert radii.max() < 0.8
    assert (radii < 0.4).mean() == pytest.approx(0.25, abs=0.01)
