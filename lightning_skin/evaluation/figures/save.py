"""Figures as files."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from lightning_skin.atomic import atomic_path

FORMATS = ("png", "svg", "pdf")
PIXELS = 150
"""Dots an inch of what a vector figure holds as pixels, and of PNG."""

# The same figure twice is the same file: no date, and no random ids of clip paths.
_UNDATED = {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None, "ModDate": None}}


def save_figure(figure: Figure, path: Path, dpi: int = PIXELS) -> None:
    """Write a figure as PNG, SVG or PDF, complete or not at all.

    Args:
        figure: Figure to draw.
        path: File to write, whose ending tells the format; an older one is replaced.
        dpi: Dots per inch.
    """
    kind = path.suffix.removeprefix(".")
    with (
        atomic_path(path) as temporary,
        matplotlib.rc_context({"svg.hashsalt": path.stem, "pdf.fonttype": 42}),
    ):
        figure.savefig(temporary, dpi=dpi, format=kind, metadata=_UNDATED[kind])


def save_figures(figures: Mapping[str, Figure], folder: Path, formats: Sequence[str]) -> None:
    """Write each figure in each of some formats.

    Args:
        figures: By their file names without ending.
        folder: Where they go.
        formats: Of ``FORMATS``.
    """
    for name, figure in figures.items():
        for kind in formats:
            save_figure(figure, folder / f"{name}.{kind}")
