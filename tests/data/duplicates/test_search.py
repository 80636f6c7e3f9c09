import logging
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from lightning_skin.data.duplicates.match import Match
from lightning_skin.data.duplicates.search import near_duplicates
from lightning_skin.data.inspection import Facts, inspect_images

MakeFolder = Callable[..., tuple[Path, list[str], Facts]]
Folder = tuple[Path, list[str], Facts]


@pytest.fixture
def folder(lesions: list[Image.Image], make_folder: MakeFolder) -> Folder:
    """Rows 0 and 5 are one picture, as are 2 and 4."""
    images = {f"{number}.png": image for number, image in enumerate(lesions[:4])}
    return make_folder({**images, "4.jpg": ImageOps.mirror(lesions[2]), "5.bmp": lesions[0]})


def emptied(folder: Folder) -> Folder:
    """Nothing can be found out about the files any more."""
    root, paths, _ = folder
    for path in paths:
        os.truncate(root / path, 0)
    return folder


def test_pairs_come_in_the_order_of_the_rows(folder: Folder) -> None:
    same, flipped = near_duplicates(*folder, "pictures", None)
    assert same == Match(0, 5, "pixels", 1.0, "")
    assert flipped[:3] == (2, 4, "picture")
    assert flipped.change == "flipped"


def test_what_was_found_is_remembered(folder: Folder, tmp_path: Path) -> None:
    first = near_duplicates(*folder, "pictures", tmp_path / "cache")
    assert near_duplicates(*emptied(folder), "pictures", tmp_path / "cache") == first


def test_names_and_their_order_do_not_matter(folder: Folder, tmp_path: Path) -> None:
    root, paths, facts = folder
    first = near_duplicates(*folder, "pictures", tmp_path / "cache")
    order = [3, 5, 0, 4, 1, 2]
    renamed = [f"renamed_{paths[row]}" for row in order]
    for row, name in zip(order, renamed, strict=True):
        (root / paths[row]).rename(root / name)
    shuffled = Facts(facts.table.iloc[order].reset_index(drop=True), facts.thumbnails[order])
    expected = sorted(
        match._replace(first=min(rows), second=max(rows))
        for match in first
        for rows in [(order.index(match.first), order.index(match.second))]
    )
    assert near_duplicates(root, renamed, shuffled, "pictures", None) == expected
    assert near_duplicates(root, renamed, shuffled, "pictures", tmp_path / "cache") == expected
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_other_images_are_looked_at_anew(folder: Folder, tmp_path: Path) -> None:
    near_duplicates(*folder, "pictures", tmp_path / "cache")
    root, paths, _ = folder
    fewer = paths[:5]
    (match,) = near_duplicates(root, fewer, inspect_images(root, fewer, None), "pictures", tmp_path / "cache")
    assert match[:2] == (2, 4)


def test_each_search_remembers_its_own(folder: Folder, tmp_path: Path) -> None:
    pictures = near_duplicates(*folder, "pictures", tmp_path / "cache")
    lesions = near_duplicates(*folder, "lesions", tmp_path / "cache")
    assert lesions[: len(pictures)] == pictures
    assert len({match[:2] for match in lesions}) == len(lesions)
    names = sorted(path.name.split("_")[0] for path in (tmp_path / "cache").iterdir())
    assert names == ["features", "near", "near"]


@pytest.mark.parametrize(
    "content", ["", "garbage", "{}x", "[1, 2]", '[["a", "b", "picture", 0.9, ""]]', "null", "[[]]", "\udcff"]
)
def test_a_damaged_memory_is_found_out_again(folder: Folder, tmp_path: Path, content: str) -> None:
    first = near_duplicates(*folder, "pictures", tmp_path / "cache")
    (file,) = (tmp_path / "cache").iterdir()
    file.write_bytes(content.encode(errors="surrogateescape"))
    assert near_duplicates(*folder, "pictures", tmp_path / "cache") == first
    assert near_duplicates(*emptied(folder), "pictures", tmp_path / "cache") == first


@pytest.mark.parametrize("count", [0, 1])
def test_few_images_have_no_duplicates(
    lesions: list[Image.Image], make_folder: MakeFolder, count: int
) -> None:
    folder = make_folder({f"{number}.png": image for number, image in enumerate(lesions[:count])})
    for search in ("pictures", "lesions"):
        assert near_duplicates(*folder, search, None) == []


def test_a_cache_that_cannot_be_written_costs_one_warning(
    folder: Folder, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "cache").write_text("no folder")
    with caplog.at_level(logging.WARNING):
        found = near_duplicates(*folder, "lesions", tmp_path / "cache")
    assert found == near_duplicates(*folder, "lesions", None)
    assert ["data.cache_dir" in message for message in caplog.messages] == [True]
