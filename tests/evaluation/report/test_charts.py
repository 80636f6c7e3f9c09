import numpy as np

from lightning_skin.evaluation.curves import Points
from lightning_skin.evaluation.report.charts import epoch_plot, unit_plot


def points(*pairs: tuple[float, float]) -> Points:
    return Points(*np.array(pairs, float).T)


def test_the_unit_square_has_its_origin_at_the_lower_left() -> None:
    drawing = unit_plot(
        "roc",
        "ROC",
        "seen",
        ("x", "y"),
        [("mel", "0.5", points((0, 0), (0.5, 1))), ("nv", "–", None)],
        dots=True,
    )
    (line,) = drawing.lines
    assert (line.path, line.dots) == ("M0 300L150 0", ((0, 300), (150, 0)))
    assert drawing.absent == ["nv"]
    assert [(tick.at, tick.label) for tick in drawing.y_ticks][:2] == [(300, "0"), (240, "0.2")]


def test_a_class_keeps_its_colour_where_another_is_absent() -> None:
    line = points((0, 0), (1, 1))
    full = unit_plot("a", "", "", ("", ""), [("a", "", line), ("b", "", line)])
    partial = unit_plot("a", "", "", ("", ""), [("a", "", None), ("b", "", line)])
    assert partial.lines[0].style == full.lines[1].style
    many = unit_plot("a", "", "", ("", ""), [(str(index), "", line) for index in range(24)])
    assert len({one.style for one in many.lines}) == 24


def test_long_curves_are_thinned() -> None:
    many = points(*((x, x) for x in np.linspace(0, 1, 10_000)))
    path = unit_plot("a", "", "", ("", ""), [("a", "", many)]).lines[0].path
    assert path.count("L") <= 250
    assert path.startswith("M0 300")
    assert path.endswith("L300 0")


def test_epochs_are_whole_and_values_start_at_zero() -> None:
    drawing = epoch_plot("loss", "Loss", "", "Loss", [("train", points((0, 2.3), (1, 1.1), (3, 0.4)))])
    assert [tick.label for tick in drawing.x_ticks] == ["0", "1", "2", "3"]
    assert [tick.label for tick in drawing.y_ticks] == ["0", "0.5", "1", "1.5", "2"]
    assert drawing.lines[0].path.startswith("M0 0L100 ")


def test_one_epoch_is_a_dot() -> None:
    drawing = epoch_plot("loss", "Loss", "", "Loss", [("train", points((0, 2.0)))])
    assert len(drawing.lines[0].dots) == 1
