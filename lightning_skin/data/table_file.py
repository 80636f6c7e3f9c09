"""Tables in text files."""

import csv
from pathlib import Path

import pandas as pd

from lightning_skin.errors import InputError


def read_table(path: Path, key: str) -> pd.DataFrame:
    """Read a table of text, separated by commas, semicolons or tabs.

    Args:
        path: Its file.
        key: The setting that names it, for messages.

    Raises:
        InputError: The file is missing, is no table, or has no rows.
    """
    try:
        table = pd.read_csv(path, sep=None, engine="python", dtype=str, keep_default_na=False)
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; set {key}=FILE to a table of images") from None
    except (OSError, ValueError, csv.Error) as error:
        raise InputError(f"{path} cannot be read as a table: {error}") from None
    if table.empty:
        raise InputError(f"{path} has no rows, expected one for each image")
    return table
