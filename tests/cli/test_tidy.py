from pathlib import Path

import pytest

from lightning_skin.cli.tidy import no_empty_folder


def test_a_new_folder_without_files_goes_with_its_new_parents(tmp_path: Path) -> None:
    with no_empty_folder(tmp_path / "outputs" / "fit" / "run"):
        (tmp_path / "outputs" / "fit" / "run" / "checkpoints").mkdir(parents=True)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_a_file_stays(tmp_path: Path) -> None:
    with no_empty_folder(tmp_path / "run"):
        (tmp_path / "run" / "figures").mkdir(parents=True)
        (tmp_path / "run" / "figures" / "a.png").touch()
    assert (tmp_path / "run" / "figures" / "a.png").exists()


def test_folders_that_were_there_before_stay(tmp_path: Path) -> None:
    (tmp_path / "outputs").mkdir()
    with no_empty_folder(tmp_path / "outputs" / "run"):
        (tmp_path / "outputs" / "run").mkdir()
    with no_empty_folder(tmp_path / "outputs"):
        pass
    assert list((tmp_path / "outputs").iterdir()) == []


def test_parents_that_another_run_writes_to_stay(tmp_path: Path) -> None:
    with no_empty_folder(tmp_path / "outputs" / "mine"):
        (tmp_path / "outputs" / "mine").mkdir(parents=True)
        (tmp_path / "outputs" / "theirs").mkdir()
    assert [path.name for path in (tmp_path / "outputs").iterdir()] == ["theirs"]


def test_it_tidies_up_after_an_error_and_a_folder_never_made(tmp_path: Path) -> None:
    with pytest.raises(KeyError), no_empty_folder(tmp_path / "run"):
        raise KeyError
    with pytest.raises(KeyError), no_empty_folder(tmp_path / "run"):
        (tmp_path / "run").mkdir()
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_only_the_first_process_tidies_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_RANK", "1")
    with no_empty_folder(tmp_path / "run"):
        (tmp_path / "run").mkdir()
    assert (tmp_path / "run").is_dir()
