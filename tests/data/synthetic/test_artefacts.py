from dataclasses import fields

import numpy as np
import pytest
from numpy.random import default_rng

from lightning_skin.data.synthetic.artefacts import ArtefactRates, Picture, add_artefacts

NAMES = [field.name for field in fields(ArtefactRates)]
NEVER = dict.fromkeys(NAMES, 0.0)
PICTURE = np.full((90, 120, 3), 0.7, np.float32)


def with_artefacts(seed: int, **rates: float) -> Picture:
    return add_artefacts(PICTURE, default_rng(seed), ArtefactRates(**{**NEVER, **rates}))


def test_rates_of_zero_leave_the_picture_as_it_is() -> None:
    np.testing.assert_array_equal(with_artefacts(0), PICTURE)


@pytest.mark.parametrize("name", NAMES)
def test_a_rate_of_one_always_shows_the_artefact(name: str) -> None:
    for seed in range(20):
        changed = np.abs(with_artefacts(seed, **{name: 1.0}) - PICTURE).max(axis=2) > 0.05
        assert 0 < changed.mean() < 0.9


def test_an_artefact_shows_in_its_share_of_the_pictures() -> None:
    shown = [(with_artefacts(seed, ruler=0.3) != PICTURE).any() for seed in range(300)]
    assert np.mean(shown) == pytest.approx(0.3, abs=0.06)


def test_changing_one_rate_leaves_the_other_artefacts_where_they_were() -> None:
    hair, both = with_artefacts(3, hair=1.0), with_artefacts(3, hair=1.0, ruler=1.0)
    ruler = with_artefacts(3, ruler=1.0)
    off_ruler = (ruler == PICTURE).all(axis=2)
    assert not off_ruler.all()
    np.testing.assert_array_equal(both[off_ruler], hair[off_ruler])


def test_dark_corners_are_dark_and_leave_the_middle() -> None:
    picture = with_artefacts(0, dark_corners=1.0)
    assert picture[[0, 0, -1, -1], [0, -1, 0, -1]].max() < 0.1
    np.testing.assert_array_equal(picture[30:60, 45:75], PICTURE[30:60, 45:75])


@pytest.mark.parametrize("seed", range(8))
def test_ruler_ticks_stand_at_one_edge_only(seed: int) -> None:
    marked = (with_artefacts(seed, ruler=1.0) != PICTURE).any(axis=2)
    edges = (marked[:14], marked[-14:], marked[:, :14], marked[:, -14:])
    assert marked.sum() == max(edge.sum() for edge in edges)
