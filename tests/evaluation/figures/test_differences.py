import numpy as np

from lightning_skin.evaluation.figures.differences import LOOKS, differences_figure

NAN = float("nan")
CHANGES = {"accuracy": (0.1, (-0.1, 0.3)), "auroc": (0.2, (0.1, 0.3)), "recall_mel": (NAN, (NAN, NAN))}
PANELS = {"All": {"accuracy": "Accuracy", "auroc": "AUROC"}, "Recall": {"recall_mel": "mel"}}


def test_a_difference_stands_in_the_row_of_its_metric_beside_that_of_other_pairs() -> None:
    other = CHANGES | {"accuracy": (-0.2, (-0.3, -0.1))}
    left, right = differences_figure({"B less A": CHANGES, "C less A": other}, PANELS).axes
    zero, first, second = left.lines
    assert zero.get_xdata()[0] == 0
    np.testing.assert_allclose(first.get_xydata(), [[0.1, -0.15], [0.2, 0.85]])
    np.testing.assert_allclose(second.get_xydata(), [[-0.2, 0.15], [0.2, 1.15]])
    np.testing.assert_allclose(left.collections[0].get_segments()[0], [[-0.1, -0.15], [0.3, -0.15]])
    assert [label.get_text() for label in left.get_yticklabels()] == ["Accuracy", "AUROC"]
    assert [label.get_text() for label in right.get_yticklabels()] == ["mel"]
    assert first.get_marker() != second.get_marker()


def test_pairs_that_cannot_be_told_apart_are_not_drawn() -> None:
    pairs = {str(number): CHANGES for number in range(len(LOOKS) + 3)}
    left, _ = differences_figure(pairs, PANELS).axes
    assert len(left.lines) == 1 + len(LOOKS)
