"""Images unlike the rest, in facts made up for the purpose."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from lightning_skin.data.audit.outliers import Outlier, find_outliers
from lightning_skin.data.inspection import Facts

MakeFacts = Callable[..., Facts]
SKIN, SPREAD = (197, 139, 145), ((28, 0, 0), (24, 12, 0), (24, 14, 8))


@pytest.fixture
def facts() -> MakeFacts:
    """Facts of images of 200 x 150 pixels in the colours of skin; ``changed`` rows differ in columns."""

    def make(count: int, changed: dict[int, dict[str, float]] | None = None, spread: float = 1) -> Facts:
        rng = np.random.default_rng(0)
        colours = np.clip(SKIN + spread * rng.normal(size=(count, 3)) @ np.array(SPREAD).T, 0, 255)
        table = pd.DataFrame(colours, columns=["red", "green", "blue"]).assign(width=200.0, height=150.0)
        for row, values in (changed or {}).items():
            for name, value in values.items():
                table.loc[row, name] = value
        return Facts(table, rng.integers(0, 256, (count, 32, 32)).astype(np.uint8))

    return make


@pytest.mark.parametrize("count", [20, 100, 1000])
@pytest.mark.parametrize("spread", [0, 0.1, 1])
def test_of_images_alike_none_is_an_outlier(facts: MakeFacts, count: int, spread: float) -> None:
    assert find_outliers(facts(count, spread=spread)) == []


def test_too_few_images_have_no_outliers(facts: MakeFacts) -> None:
    assert find_outliers(facts(19, {3: {"width": 2000, "height": 1500}})) == []
    assert len(find_outliers(facts(20, {3: {"width": 2000, "height": 1500}}))) == 1


@pytest.mark.parametrize(("factor", "odd"), [(0.49, True), (0.51, False), (1.99, False), (2.01, True)])
def test_a_side_is_odd_beyond_twice_or_half_of_the_usual(facts: MakeFacts, factor: float, odd: bool) -> None:
    found = find_outliers(facts(50, {7: {"width": 200 * factor, "height": 150 * factor}}))
    size = f"{200 * factor:.0f} x {150 * factor:.0f} px"
    assert found == [Outlier(7, "size", size, "200 x 150 px")] * odd


def test_a_strip_is_odd_lying_and_standing(facts: MakeFacts) -> None:
    strips = {3: {"width": 300, "height": 100}, 9: {"width": 100, "height": 300}}
    assert find_outliers(facts(50, strips)) == [
        Outlier(row, "aspect", "3.00 : 1", "1.33 : 1") for row in strips
    ]


def test_a_collection_of_two_usual_sizes_has_no_odd_ones(facts: MakeFacts) -> None:
    large = {row: {"width": 1200, "height": 900} for row in range(10)}
    assert find_outliers(facts(100, large)) == []
    assert [
        found.row for found in find_outliers(facts(100, large | {50: {"width": 4000, "height": 3000}}))
    ] == [50]


@pytest.mark.parametrize(
    "colour", [(60, 110, 50), (60, 80, 170), (200, 20, 20), (5, 5, 5)], ids=["leaf", "blue", "red", "dark"]
)
@pytest.mark.parametrize("count", [40, 1000])
def test_a_colour_that_skin_never_has_is_odd(facts: MakeFacts, colour: tuple[int, ...], count: int) -> None:
    odd = dict(zip(("red", "green", "blue"), colour, strict=True))
    (found,) = find_outliers(facts(count, {11: odd}))
    assert (found.row, found.kind) == (11, "colour")
    assert found.value == "RGB " + ", ".join(map(str, colour))


def test_a_few_odd_images_do_not_hide_each_other(facts: MakeFacts) -> None:
    odd = {row: {"red": 60, "green": 110, "blue": 50} for row in range(8)}
    assert [found.row for found in find_outliers(facts(200, odd))] == list(range(8))


def test_a_picture_of_nothing_is_odd_whatever_its_colour(facts: MakeFacts) -> None:
    made = facts(30)
    made.thumbnails[4] = 128
    (found,) = find_outliers(made)
    assert found[:3] == (4, "colour", "nearly one colour")
