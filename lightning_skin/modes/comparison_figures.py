"""The figures of a comparison."""

import logging
from pathlib import Path

from lightning_skin.evaluation.comparison.confusion import mean_confusion
from lightning_skin.evaluation.comparison.document import key
from lightning_skin.evaluation.comparison.result import DECISIVE, HEADLINES, LOWER_IS_BETTER, Comparison
from lightning_skin.evaluation.figures.confusion_change import confusion_change_figure
from lightning_skin.evaluation.figures.differences import LOOKS, differences_figure
from lightning_skin.evaluation.figures.save import save_figure
from lightning_skin.evaluation.figures.standings import Row, standings_figure
from lightning_skin.evaluation.metrics import classification_metrics

logger = logging.getLogger(__name__)


def draw_comparison(comparison: Comparison, folder: Path) -> None:
    """Write ``standings.png``, ``differences.png`` and ``confusion_A_to_B.png`` for each pair.

    Args:
        comparison: To draw; without pairs only the first figure is.
        folder: Of the figures.
    """
    save_figure(standings_figure(_rows(comparison), HEADLINES[DECISIVE]), folder / "standings.png")
    if not comparison.pairs:
        return
    contenders = [standing.contender for standing in comparison.standings]
    class_names = contenders[0].tables[0].class_names
    changes = {
        f"{key(pair.second)} less {key(pair.first)}": {
            name: (found.value, found.interval) for name, found in pair.differences.items()
        }
        for pair in comparison.pairs
    }
    measured = comparison.pairs[0].differences
    whole = {
        name: title for name, title in HEADLINES.items() if name in measured and name not in LOWER_IS_BETTER
    }
    recalls = {f"recall_{name}": name for name in class_names}
    panels = {"All classes": whole, "Recall of each class": recalls}
    save_figure(differences_figure(changes, panels), folder / "differences.png")
    if len(changes) > len(LOOKS):
        logger.info("differences.png shows the first %d of %d pairs", len(LOOKS), len(changes))
    for pair in comparison.pairs:
        first, second = (mean_confusion(contenders[place].tables) for place in (pair.first, pair.second))
        letters = key(pair.first), key(pair.second)
        figure = confusion_change_figure(
            first, second, class_names, "Change in images from {} to {}".format(*letters)
        )
        save_figure(figure, folder / "confusion_{}_to_{}.png".format(*letters))


def _rows(comparison: Comparison) -> list[Row]:
    return [
        Row(
            f"{key(place)} {standing.contender.name}",
            standing.evaluation.metrics[DECISIVE],
            standing.evaluation.intervals[DECISIVE],
            [
                classification_metrics(run.labels, run.probabilities, run.class_names)[DECISIVE]
                for run in standing.contender.runs
            ]
            if standing.over_runs
            else [],
        )
        for place, standing in enumerate(comparison.standings)
    ]
