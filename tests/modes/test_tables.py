"""Predictions tables that a user names."""

from pathlib import Path

import pytest

from lightning_skin.errors import InputError
from lightning_skin.modes.tables import find_tables, record_of

HEADER = "image,label,probability_mel,probability_nv\n"
TEST = HEADER + "a,mel,0.9,0.1\nb,nv,0.4,0.6\n"
VAL = "image,label,probability_nv,probability_mel\nc,mel,0.3,0.7\n"
MANIFEST = """# root: gone
path,label,split,group,content_hash
d,nv,train,d,1
e,nv,train,e,2
a,mel,test,a,3
"""


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    """The folder of a run that trained on two naevi."""
    folder = tmp_path / "run"
    (folder / "predictions").mkdir(parents=True)
    (folder / "predictions" / "test.csv").write_text(TEST)
    (folder / "predictions" / "val.csv").write_text(VAL)
    (folder / "manifest.csv").write_text(MANIFEST)
    (folder / "run.json").write_text('{"status": "finished", "seed": 3}')
    return folder


@pytest.mark.parametrize("place", ["", "predictions/test.csv"])
def test_a_run_and_its_table_bring_what_the_run_knows(finished: Path, place: str) -> None:
    tables = find_tables(str(finished / place), None)
    assert tables.test.images.tolist() == ["a", "b"]
    assert tables.train_counts == [0, 2]
    assert record_of(tables.run)["seed"] == 3


def test_the_classes_of_both_tables_come_in_one_order(finished: Path) -> None:
    tables = find_tables(str(finished), None)
    assert tables.val is not None
    assert tables.val.class_names == tables.test.class_names == ("mel", "nv")
    assert tables.val.probabilities[0].tolist() == pytest.approx([0.7, 0.3])


def test_a_table_of_another_tool_knows_of_no_training(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text(TEST)
    (tmp_path / "val.csv").write_text(VAL)
    tables = find_tables(str(tmp_path / "other.csv"), None)
    assert (tables.val, tables.run, tables.train_counts) == (None, None, [0, 0])
    assert record_of(tables.run) == {}
    with_val = find_tables(str(tmp_path / "other.csv"), str(tmp_path / "val.csv"))
    assert with_val.val is not None


def test_validation_images_must_not_be_test_images(finished: Path) -> None:
    with pytest.raises(InputError, match=r"share 2 image\(s\), such as a; what is chosen"):
        find_tables(str(finished), str(finished / "predictions" / "test.csv"))


def test_validation_and_test_images_have_the_same_classes(finished: Path) -> None:
    (finished / "predictions" / "val.csv").write_text("image,label,probability_bkl\nc,bkl,1\n")
    with pytest.raises(InputError, match="have the classes bkl and mel, nv, expected the same"):
        find_tables(str(finished), None)


def test_what_is_missing_is_named(finished: Path) -> None:
    with pytest.raises(InputError, match="predictions is not set"):
        find_tables(None, None)
    with pytest.raises(InputError, match=r"absent\.csv does not exist, expected a predictions table"):
        find_tables(str(finished), str(finished / "absent.csv"))
    (finished / "predictions" / "test.csv").unlink()
    with pytest.raises(InputError, match=r"holds no predictions/test\.csv, expected the folder of a run"):
        find_tables(str(finished), None)
