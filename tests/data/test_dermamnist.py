"""DermaMNIST's split of HAM10000."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lightning_skin.data.dermamnist import dermamnist
from lightning_skin.errors import InputError

WriteImage = Callable[..., Path]

REPOSITORY = Path(__file__).parents[2]
HAM10000 = Path(os.environ.get("LIGHTNING_SKIN_DATA", REPOSITORY.parent / "shared" / "data"), "ham10000")
SPLIT = "image_id,split\nb,valid\na,train\nc,test\nd,train\n"


@pytest.fixture
def root(tmp_path: Path, write_image: WriteImage) -> Path:
    for name in "abc":
        write_image(tmp_path / f"{name}.jpg")
    (tmp_path / "HAM10000_metadata.csv").write_text("lesion_id,image_id,dx\nL1,a,mel\nL1,b,mel\nL2,c,nv\n")
    return tmp_path


def read(root: Path, split: str) -> list[tuple[str, str, str]]:
    (root / "split.csv").write_text(split)
    table = dermamnist(str(root), str(root / "split.csv")).table
    return list(table[["path", "group", "split"]].itertuples(index=False, name=None))


def test_the_split_is_that_of_the_table_and_the_rest_is_ham10000(root: Path) -> None:
    expected = [("a.jpg", "L1", "train"), ("b.jpg", "L1", "val"), ("c.jpg", "L2", "test")]
    assert read(root, SPLIT) == expected
    assert dermamnist(str(root), str(root / "split.csv")).malignant == ("akiec", "bcc", "mel")


def test_an_image_without_a_split_is_refused(root: Path) -> None:
    with pytest.raises(InputError, match=r"gives no split for 1 image\(s\): c\.jpg; complete"):
        read(root, SPLIT.replace("c,test\n", ""))


def test_another_split_is_refused(root: Path) -> None:
    with pytest.raises(InputError, match="has the split held out, expected train, val or test"):
        read(root, SPLIT.replace("c,test", "c,held out"))


@pytest.mark.real
@pytest.mark.skipif(not HAM10000.is_dir(), reason=f"{HAM10000} is absent; set LIGHTNING_SKIN_DATA")
def test_the_public_split_has_its_published_sizes() -> None:
    table = dermamnist(str(HAM10000), str(HAM10000 / "dermamnist_split.csv")).table
    assert table["split"].value_counts().to_dict() == {"train": 7007, "val": 1003, "test": 2005}
