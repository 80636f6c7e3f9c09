import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lightning_skin.data.listing import contents, image_paths, list_images, other_files, visible_folders
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
    with pytest.raises(InputError, match="absent cannot be read: No such file or directory; mend it"):
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


def test_paths_are_relative_and_in_one_order(tmp_path: Path) -> None:
    for name in ("b.png", "a/b.jpg", "a-b/c.jpg", "B.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert image_paths(tmp_path) == ["B.png", "a-b/c.jpg", "a/b.jpg", "b.png"]


def test_a_link_to_another_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "a.jpg").touch()
    (tmp_path / "images" / "part_1").symlink_to(tmp_path / "store")
    assert image_paths(tmp_path / "images") == ["part_1/a.jpg"]


@pytest.mark.parametrize("target", ["..", "../..", "."])
def test_a_loop_of_links_is_refused(tmp_path: Path, target: str) -> None:
    (tmp_path / "nv" / "deep").mkdir(parents=True)
    (tmp_path / "nv" / "deep" / "loop").symlink_to(target, target_is_directory=True)
    with pytest.raises(InputError, match=r"loop is a link to .*, which it lies in; remove the link"):
        image_paths(tmp_path)


def test_two_links_into_each_other_are_refused(tmp_path: Path) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "link").symlink_to(tmp_path / other)
    with pytest.raises(InputError, match=r"a/link/link is a link to .*/a, which it lies in; remove the link"):
        image_paths(tmp_path)


@pytest.mark.usefixtures("unprivileged")
@pytest.mark.parametrize("listing", [image_paths, visible_folders])
def test_a_folder_that_may_not_be_read_is_refused(tmp_path: Path, listing: Callable[[Path], object]) -> None:
    with pytest.raises(InputError, match="cannot be read: Permission denied; mend it or its permissions"):
        listing(tmp_path)


def test_a_name_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ä.png").touch()
    with open(os.fsencode(tmp_path) + b"/\xe4.png", "wb"):  # noqa: PTH123
        pass
    with pytest.raises(InputError, match=r"holds 1 file name\(s\) that are not UTF-8: .*udce4\.png'; rename"):
        image_paths(tmp_path)


def test_contents_are_named_for_messages(tmp_path: Path) -> None:
    assert contents(tmp_path) == "nothing"
    for name in ("b.txt", "a", ".hidden"):
        (tmp_path / name).touch()
    assert contents(tmp_path) == "a, b.txt"


def test_other_files_are_those_that_no_suffix_says_are_images(tmp_path: Path) -> None:
    for name in ("a/notes.txt", "a/b.JPG", "Thumbs.db", ".hidden", ".git/config", "a/README"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert other_files(tmp_path) == ["Thumbs.db", "a/README", "a/notes.txt"]


def test_other_files_can_be_written_down_whatever_their_names(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.txt")).touch()
    assert other_files(tmp_path) == ["caf\\xe9.txt"]
