import numpy as np
import pytest

from lightning_skin.evaluation.figures.history import history_figure

NAN = float("nan")


def test_missing_values_leave_gaps_in_their_own_line_only() -> None:
    history = [
        {"epoch": 0, "train/loss": 2.0, "val/loss": 1.5},
        {"epoch": 1, "train/loss": 1.0},
        {"epoch": 2, "train/loss": NAN, "val/loss": 0.5},
    ]
    losses = history_figure(history, "val/loss", "min").axes[0]
    train, val = losses.lines[:2]
    np.testing.assert_array_equal(train.get_xydata(), [[0, 2.0], [1, 1.0]])
    np.testing.assert_array_equal(val.get_xydata(), [[0, 1.5], [2, 0.5]])
    assert [text.get_text() for text in losses.get_legend().get_texts()] == ["train", "val"]


@pytest.mark.parametrize(("direction", "epoch", "value"), [("max", 1, "0.900"), ("min", 2, "0.100")])
def test_best_epoch_is_marked_in_every_panel(direction: str, epoch: int, value: str) -> None:
    history = [
        {"epoch": index, "val/auroc": auroc, "lr": 1.0} for index, auroc in enumerate([0.5, 0.9, 0.1, NAN])
    ]
    figure = history_figure(history, "val/auroc", direction)
    assert [axes.lines[-1].get_xdata()[0] for axes in figure.axes] == [epoch] * 3
    assert figure.axes[0].get_title(loc="right") == f"best val/auroc {value}, epoch {epoch}"


def test_learning_rate_axis_is_logarithmic_where_rates_span_decades() -> None:
    wide = [{"epoch": 0, "lr-AdamW": 1e-2}, {"epoch": 1, "lr-AdamW": 1e-4}]
    narrow = [{"epoch": 0, "lr-AdamW": 1e-2}, {"epoch": 1, "lr-AdamW": 0.5e-2}]
    to_zero = [{"epoch": 0, "lr-AdamW": 1e-2}, {"epoch": 1, "lr-AdamW": 0.0}]
    scales = [
        history_figure(rows, "val/loss", "min").axes[2].get_yscale() for rows in (wide, narrow, to_zero)
    ]
    assert scales == ["log", "linear", "linear"]


def test_single_epoch_is_visible() -> None:
    figure = history_figure([{"epoch": 0, "val/accuracy": 0.5, "lr": 0.1}], "val/accuracy", "max")
    assert figure.axes[1].lines[0].get_marker() == "o"


def test_panel_without_values_says_so() -> None:
    figure = history_figure([{"epoch": 0, "train/loss": 1.0}], "val/balanced_accuracy", "max")
    assert [[text.get_text() for text in axes.texts] for axes in figure.axes] == [
        [],
        ["no values"],
        ["no values"],
    ]
    assert figure.axes[0].get_title(loc="right") == ""
