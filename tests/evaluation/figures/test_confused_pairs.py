import numpy as np

from lightning_skin.evaluation.figures.confused_pairs import COLUMNS, confused_pairs_figure
from lightning_skin.evaluation.pairs import ConfusedPair


def picture(value: int) -> np.ndarray:
    return np.full((4, 6, 3), value, np.uint8)


def test_a_row_names_the_pair_and_shows_its_surest_images() -> None:
    pairs = [
        ConfusedPair("mel", "nv", 7, 6, 0.35, tuple(range(7))),
        ConfusedPair("bcc", "nv", 1, 1, 0.1, (9,)),
    ]
    examples = [[(picture(row), 0.9 - row / 100) for row in range(7)], [(picture(9), 0.5)]]
    figure = confused_pairs_figure(pairs, examples)
    shown = [int(axes.images[0].get_array()[0, 0, 0]) for axes in figure.axes if axes.images]
    assert shown == [*range(COLUMNS), 9]
    told = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert told == ["mel\ntaken for\nnv\n\n7 (35 %)", "bcc\ntaken for\nnv\n\n1 (10 %)"]
    assert figure.axes[1].get_title(loc="left") == "0.90"


def test_nothing_confused_is_said() -> None:
    assert "no image is guessed wrongly" in [text.get_text() for text in confused_pairs_figure([], []).texts]
