"""Figures as files."""

from pathlib import Path

from matplotlib.figure import Figure

from lightning_skin.atomic import atomic_path


def save_figure(figure: Figure, path: Path, dpi: int = 150) -> None:
    """Write a figure as PNG, complete or not at all.

    Args:
        figure: Figure to draw.
        path: File to write; an older one is replaced.
        dpi: Dots per inch.
    """
    with atomic_path(path) as temporary:
        figure.savefig(temporary, dpi=dpi, format="png")
