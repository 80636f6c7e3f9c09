import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import pytest

from lightning_skin.data.export import export_folders, require_folder_names
from lightning_skin.data.manifest import Manifest
from lightning_skin.errors import InputError

MakeManifest = Callable[..., Manifest]


@pytest.fixture
def manifest_of(tmp_path: Path) -> MakeManifest:
    """A manifest of files ``path,split,label`` that hold their own paths."""

    def make(*rows: str) -> Manifest:
        table = pd.DataFrame([row.split(",") for row in rows], columns=["path", "split", "label"])
        for path in table["path"]:
            (tmp_path / "images" / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "images" / path).write_text(path)
        return Manifest(tmp_path / "images", table)

    return make


def exported(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_text() for path in files}


def test_links_lead_to_the_images_from_anywhere(
    manifest_of: MakeManifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = manifest_of("mel/a.jpg,train,mel", "nv/b.jpg,test,nv")
    monkeypatch.chdir(tmp_path)
    export_folders(Manifest(Path("images"), manifest.table), Path("new/folders"), "link")
    monkeypatch.undo()
    folder = tmp_path / "new" / "folders"
    assert exported(folder) == {"train/mel/a.jpg": "mel/a.jpg", "test/nv/b.jpg": "nv/b.jpg"}
    assert (folder / "train" / "mel" / "a.jpg").is_symlink()


def test_copies_outlive_the_images(manifest_of: MakeManifest, tmp_path: Path) -> None:
    export_folders(manifest_of("mel/a.jpg,val,mel"), tmp_path / "new", "copy")
    (tmp_path / "images" / "mel" / "a.jpg").unlink()
    assert exported(tmp_path / "new") == {"val/mel/a.jpg": "mel/a.jpg"}


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        (["p/1/a.jpg,train,nv", "p/2/a.jpg,test,nv"], ["train/nv/a.jpg", "test/nv/a.jpg"]),
        (["p/1/a.jpg,train,nv", "p/2/a.jpg,train,nv"], ["train/nv/p_1_a.jpg", "train/nv/p_2_a.jpg"]),
        (["p/A.jpg,train,nv", "q/a.jpg,train,nv"], ["train/nv/p_A.jpg", "train/nv/q_a.jpg"]),
        (
            ["a_b/c.jpg,train,nv", "a/b_c.jpg,train,nv", "x/c.jpg,train,nv"],
            ["train/nv/a_b_c.jpg", "train/nv/2_a_b_c.jpg", "train/nv/x_c.jpg"],
        ),
    ],
    ids=["apart", "together", "capitals", "still alike"],
)
def test_no_image_takes_the_place_of_another(
    manifest_of: MakeManifest, tmp_path: Path, rows: Sequence[str], names: Sequence[str]
) -> None:
    export_folders(manifest_of(*rows), tmp_path / "new", "copy")
    expected = {name: row.split(",")[0] for name, row in zip(names, rows, strict=True)}
    assert exported(tmp_path / "new") == expected


def test_a_folder_that_exists_is_left_alone(manifest_of: MakeManifest, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    with pytest.raises(InputError, match=r"new exists; name a new folder with data\.export_dir=FOLDER"):
        export_folders(manifest_of("a.jpg,train,nv"), tmp_path / "new", "link")
    assert exported(tmp_path / "new") == {}


@pytest.mark.parametrize("name", ["bkl/lpl", ".hidden", "..", "a\\b"])
def test_a_class_that_cannot_name_a_folder_is_refused(name: str) -> None:
    with pytest.raises(InputError, match=r"cannot name a folder; rename it with data\.labels="):
        require_folder_names(["nv", name])


def test_an_export_that_breaks_off_leaves_nothing(manifest_of: MakeManifest, tmp_path: Path) -> None:
    manifest = manifest_of("a.jpg,train,nv", "b.jpg,train,nv")
    (tmp_path / "images" / "b.jpg").unlink()
    with pytest.raises(FileNotFoundError):
        export_folders(manifest, tmp_path / "new", "copy")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["images"]


def test_a_folder_that_appears_during_the_export_is_not_taken_for_it(
    manifest_of: MakeManifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = shutil.copy2

    def slow_copy(source: Path, target: Path) -> None:
        copy(source, target)
        (tmp_path / "new" / "theirs").mkdir(parents=True)

    monkeypatch.setattr(shutil, "copy2", slow_copy)
    with pytest.raises(InputError, match=r"new was made by another program during the export, and is left"):
        export_folders(manifest_of("a.jpg,train,nv"), tmp_path / "new", "copy")
    assert [path.name for path in tmp_path.glob("new/*")] == ["theirs"]
    assert not list(tmp_path.glob(".*"))
