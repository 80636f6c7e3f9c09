from pathlib import Path

import pytest

from lightning_skin.atomic import atomic_folder, atomic_path


def test_file_and_its_folder_appear_when_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file.txt"
    with atomic_path(path) as temporary:
        temporary.write_text("whole")
        assert not path.exists()
    assert path.read_text() == "whole"
    assert list(path.parent.iterdir()) == [path]


def test_failed_block_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError, match="disk full"), atomic_path(path) as temporary:
        temporary.write_text("ha")
        raise RuntimeError("disk full")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_folder_appears_when_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder"
    with atomic_folder(path) as temporary:
        (temporary / "file.txt").write_text("whole")
        assert not path.exists()
    assert (path / "file.txt").read_text() == "whole"
    assert list(path.parent.iterdir()) == [path]


def test_failed_block_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="disk full"), atomic_folder(tmp_path / "folder") as temporary:
        (temporary / "file.txt").write_text("ha")
        raise RuntimeError("disk full")
    assert list(tmp_path.iterdir()) == []


def test_the_folder_that_was_first_stays(tmp_path: Path) -> None:
    with atomic_folder(tmp_path / "folder", first_stays=True) as temporary:
        (temporary / "second.txt").touch()
        (tmp_path / "folder").mkdir()
        (tmp_path / "folder" / "first.txt").touch()
    assert [path.name for path in tmp_path.rglob("*")] == ["folder", "first.txt"]


@pytest.mark.parametrize("first", ["folder", "file"])
def test_something_that_was_made_meanwhile_is_not_taken_for_this_folder(tmp_path: Path, first: str) -> None:
    with pytest.raises(FileExistsError), atomic_folder(tmp_path / "new", first_stays=first == "file"):
        if first == "file":
            (tmp_path / "new").write_text("first")
        else:
            (tmp_path / "new" / "first").mkdir(parents=True)
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
