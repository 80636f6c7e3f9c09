import numpy as np

from lightning_skin.evaluation.figures.reliability import reliability_figure

PROBABILITIES = np.array([[0.9, 0.1], [0.9, 0.1], [0.25, 0.75], [0.25, 0.75]])
LABELS = np.array([0, 1, 1, 1])


def test_points_are_accuracy_at_confidence_of_the_filled_bins() -> None:
    diagram = reliability_figure(LABELS, PROBABILITIES, "val").axes[0]
    (classifier,) = [line for line in diagram.lines if line.get_label() == "classifier"]
    np.testing.assert_allclose(classifier.get_xydata(), [[0.75, 1.0], [0.9, 0.5]])


def test_title_and_histogram_tell_error_and_counts() -> None:
    figure = reliability_figure(LABELS, PROBABILITIES, "val")
    counts, edges, _ = figure.axes[1].patches[0].get_data()
    assert figure.get_suptitle() == "val: expected calibration error 0.325"
    assert counts.sum() == 4
    np.testing.assert_allclose(edges[:-1][counts > 0], [11 / 15, 13 / 15])
