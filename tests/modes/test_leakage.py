"""The table of a run's split on the console and in its folder."""

from pathlib import Path

import pandas as pd
import pytest

from lightning_skin.data.manifest import Manifest
from lightning_skin.modes.leakage import report_split


def manifest(*rows: tuple[str, str, str, str]) -> Manifest:
    table = pd.DataFrame(rows, columns=["label", "split", "group", "content_hash"])
    return Manifest(Path("images"), table.assign(path=[f"{row}.png" for row in range(len(table))]))


def cells(printed: str) -> dict[str, list[str]]:
    """Of each printed row, by its first cell."""
    rows = [line.strip("│").split("│") for line in printed.splitlines() if line.startswith("│")]
    return {row[0].strip(): [cell.strip() for cell in row[1:]] for row in rows}


def test_a_clean_split_is_counted_and_shares_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        (label, split, f"{label}{split}{number}", f"{label}{split}{number}")
        for label, counts in {"mel[a]": (3, 1, 1), "nv": (5, 2, 1)}.items()
        for split, count in zip(("train", "val", "test"), counts, strict=True)
        for number in range(count)
    ]
    report_split(manifest(*rows), tmp_path)
    printed = capsys.readouterr().out
    assert cells(printed) == {
        "mel[a]": ["3", "1", "1", "0", "0", "0"],
        "nv": ["5", "2", "1", "0", "0", "0"],
        "all": ["8", "3", "2", "0", "0", "0"],
    }
    assert "leak" not in printed
    table = pd.read_csv(tmp_path / "leakage.csv")
    assert list(table) == ["splits", "label", "groups", "images", "duplicates"]
    assert table["splits"].unique().tolist() == ["train and val", "train and test", "val and test", "any two"]
    assert table[["groups", "images", "duplicates"]].to_numpy().sum() == 0


def test_what_leaks_is_counted_once_and_said_to_inflate_scores(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    leaky = manifest(
        ("mel", "train", "l1", "A"),
        ("mel", "val", "l1", "A"),
        ("mel", "test", "l1", "B"),
        ("nv", "test", "l1", "C"),
        ("nv", "train", "l2", "D"),
    )
    report_split(leaky, tmp_path)
    printed = capsys.readouterr().out
    assert "The splits leak, and data.allow_leakage=true accepts it" in printed
    assert cells(printed) == {
        "mel": ["1", "1", "1", "1", "3", "2"],
        "nv": ["1", "0", "1", "1", "1", "0"],
        "all": ["2", "1", "2", "1", "4", "2"],
    }
