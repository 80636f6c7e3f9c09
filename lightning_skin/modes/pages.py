"""What a run found, as figures, a page, a model card and a checklist in its folder."""

import io
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from lightning_skin.atomic import atomic_path
from lightning_skin.data.audit.thumbnails import thumbnail
from lightning_skin.errors import InputError
from lightning_skin.evaluation.figures.all import all_figures
from lightning_skin.evaluation.figures.confused_pairs import COLUMNS, confused_pairs_figure
from lightning_skin.evaluation.figures.save import save_figures
from lightning_skin.evaluation.figures.wrong_images import LIMIT, wrong_images_figure
from lightning_skin.evaluation.findings import Findings
from lightning_skin.evaluation.pairs import most_confident_mistakes, most_confused_pairs
from lightning_skin.evaluation.report.clear_derm import clear_derm
from lightning_skin.evaluation.report.facts import RunFacts
from lightning_skin.evaluation.report.model_card import model_card
from lightning_skin.evaluation.report.page import report_page

logger = logging.getLogger(__name__)

PAIRS = 6
EXPLANATIONS = "explanations/explanations.csv"
PANEL_SIDE = 640
"""Pixels: the numbers of a panel can be read."""

Thumbnail = Callable[[str], bytes]
Picture = NDArray[np.uint8]


def write_pages(
    folder: Path,
    findings: Findings,
    facts: RunFacts,
    formats: Sequence[str],
    explained: Path | None = None,
) -> None:
    """Write ``figures/``, ``report.html``, ``model_card.md`` and ``clear_derm.md``.

    Args:
        folder: Of the run.
        findings: What was found.
        facts: About the run; images are looked for in the folder of its data.
        formats: Of the figures: png, svg, pdf.
        explained: Folder of the run in which explanations are looked for; ``None`` for ``folder``.
    """
    root = Path(facts.data)
    show, panel = thumbnails_in(root), panels_in(explained or folder, root)
    figures = all_figures(findings) | mistake_figures(findings, show)
    save_figures(figures, folder / "figures", formats)
    documents = {
        "report.html": report_page(findings, facts, show, panel),
        "model_card.md": model_card(findings, facts),
        "clear_derm.md": clear_derm(findings, facts),
    }
    for name, text in documents.items():
        with atomic_path(folder / name) as path:
            path.write_text(text, encoding="utf-8")


def thumbnails_in(root: Path) -> Thumbnail:
    """A function that draws an image of a predictions table, given its name.

    Args:
        root: Folder that the names are relative to; that of the process where no data are known.
    """
    return lambda name: thumbnail(root / name)


def panels_in(folder: Path, root: Path) -> Thumbnail | None:
    """A function that draws the explanation of an image, given its name; ``None`` where nothing is explained.

    Args:
        folder: Of a run; ``mode=explain`` may have written its panels into it or into a folder within.
        root: Folder that the names are relative to.
    """
    panels: dict[Path, Path] = {}
    for table in sorted([*folder.glob(EXPLANATIONS), *folder.glob(f"*/{EXPLANATIONS}")]):
        try:
            rows = pd.read_csv(table, dtype=str, keep_default_na=False, usecols=["image", "panel"])
        except (OSError, ValueError) as error:
            logger.warning("Explanations are left out of the report: %s: %s", table, error)
            continue
        for image, panel in zip(rows["image"], rows["panel"], strict=True):
            panels[Path(image).resolve()] = table.parent / panel

    def draw(name: str) -> bytes:
        panel = panels.get((root / name).resolve())
        if panel is None:
            raise InputError(f"{name} is not explained in {folder}")
        return thumbnail(panel, PANEL_SIDE)

    return draw if panels else None


def mistake_figures(findings: Findings, show: Thumbnail) -> dict[str, Figure]:
    """The surest mistakes and the most confused pairs with their images; nothing where no image can be shown.

    Args:
        findings: What was found.
        show: Draws an image, given its name, or raises `InputError`.
    """
    test = findings.test
    surest = most_confident_mistakes(test, LIMIT)
    pairs = most_confused_pairs(test, PAIRS)
    rows = {mistake.row for mistake in surest} | {row for pair in pairs for row in pair.rows[:COLUMNS]}
    pictures = {
        row: picture for row in rows if (picture := _picture(str(test.images[row]), show)) is not None
    }
    if not pictures:
        return {}
    shown = [mistake for mistake in surest if mistake.row in pictures]
    confidence = test.probabilities.max(axis=1)
    return {
        "mistakes": wrong_images_figure(
            [pictures[mistake.row] for mistake in shown],
            [mistake.label for mistake in shown],
            [mistake.predicted for mistake in shown],
            [mistake.confidence for mistake in shown],
        ),
        "confused_pairs": confused_pairs_figure(
            pairs,
            [
                [(pictures[row], float(confidence[row])) for row in pair.rows[:COLUMNS] if row in pictures]
                for pair in pairs
            ],
        ),
    }


def _picture(name: str, show: Thumbnail) -> Picture | None:
    try:
        return np.asarray(Image.open(io.BytesIO(show(name))))
    except InputError:
        return None
