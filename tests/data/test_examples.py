import pytest

from lightning_skin.data.examples import first_few


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, ""), (1, "0"), (5, "0, 1, 2, 3, 4"), (6, "0, 1, 2, 3, 4, ..."), (10**9, "0, 1, 2, 3, 4, ...")],
)
def test_five_names_are_shown_and_an_ellipsis_for_more(count: int, said: str) -> None:
    assert first_few(range(count)) == said
