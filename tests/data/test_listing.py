from collections.abc import Callable
from pathlib import Path

import pytest

from lightning_skin.data.listing import list_images, visible_folders
from lightning_skin.errors import InputError

WriteImage = Callable[..., Path]


def test_images_are_found_at_any_depth_sorted_by_name(tmp_path: Path, write_image: WriteImage) -> None:
    names = ["b.png", "a/z.JPG", "a/deep/er/x.tif", "c.webp"]
    for name in names:
        write_image(tmp_path / name)
    for name in ("notes.txt", ".hidden.png", "a/.cache/x.png", "a/._x.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    assert list_images(tmp_path) == sorted(tmp_path / name for name in names)


def test_folder_that_is_gone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="absent cannot be read: No such file"):
        list_images(tmp_path / "absent")


def test_hidden_folders_and_files_are_no_class_folders(tmp_path: Path) -> None:
    for name in ("nv", "mel", ".git", "__MACOSX"):
        (tmp_path / name).mkdir()
    (tmp_path / "file").write_text("")
    assert visible_folders(tmp_path) == [tmp_path / "mel", tmp_path / "nv"]


@pytest.mark.parametrize("target", [".", ".."])
def test_a_link_to_the_folder_that_it_lies_in_is_refused(tmp_path: Path, target: str) -> None:
    (tmp_path / "loop").symlink_to(target, target_is_directory=True)
    with pytest.raises(InputError, match=r"loop is a link to .*, which it lies in; remove the link"):
        visible_folders(tmp_path)
