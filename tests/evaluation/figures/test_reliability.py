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
    assert figure.axes[0].get_title(loc="left") == "val: expected calibration error 0.325"
    assert counts.sum() == 4
    np.testing.assert_allclose(edges[:-1][counts > 0], [11 / 15, 13 / 15])


def test_bins_of_few_images_are_hollow() -> None:
    diagram = reliability_figure(np.repeat(LABELS, 5), np.repeat(PROBABILITIES, 5, axis=0), "val").axes[0]
    assert not [line for line in diagram.lines if "fewer" in str(line.get_label())]
    labels, probabilities = LABELS[[0, *[2] * 10]], PROBABILITIES[[0, *[2] * 10]]
    diagram = reliability_figure(labels, probabilities, "val").axes[0]
    (few,) = [line for line in diagram.lines if line.get_label() == "of fewer than 10 images"]
    np.testing.assert_allclose(few.get_xydata(), [[0.9, 1.0]])


def test_calibrated_probabilities_are_drawn_beside_the_plain_ones() -> None:
    calibrated = np.array([[0.5, 0.5], [0.5, 0.5], [0.0, 1.0], [0.0, 1.0]])
    before, after, *histograms = reliability_figure(LABELS, PROBABILITIES, "test", calibrated).axes
    assert before.get_title(loc="left") == "test before calibration: expected calibration error 0.325"
    assert after.get_title(loc="left") == "test after: expected calibration error 0.000"
    (classifier,) = [line for line in after.lines if line.get_label() == "classifier"]
    np.testing.assert_allclose(classifier.get_xydata(), [[0.5, 0.5], [1.0, 1.0]])
    counts = [histogram.patches[0].get_data().values for histogram in histograms]
    assert [list(values[values > 0]) for values in counts] == [[2, 2], [2, 2]]
