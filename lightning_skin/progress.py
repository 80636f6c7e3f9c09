"""Bars for long loops."""

from collections.abc import Iterable
from typing import TypeVar

from rich.console import Console
from rich.progress import track as rich_track

Item = TypeVar("Item")


def track(items: Iterable[Item], title: str, total: int | None = None) -> Iterable[Item]:
    """Show a bar while items are worked off, on a terminal; in a log file it would leave empty lines.

    Args:
        items: What is worked off.
        title: What is done to them.
        total: Their number, where ``items`` does not tell.
    """
    console = Console()
    return rich_track(
        items, title, total=total, console=console, transient=True, disable=not console.is_terminal
    )
