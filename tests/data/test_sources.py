import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from lightning_skin.data.manifest import Manifest
from lightning_skin.data.sources import Source, folder
from lightning_skin.errors import InputError

WriteImage = Callable[..., Path]
Build = Callable[..., Manifest]


def rows(source: Source, *columns: str) -> list[tuple[str, ...]]:
    """The named columns, row by row, sorted."""
    return sorted(zip(*(source.table[column] for column in columns), strict=True))


def test_class_folders_give_labels(tmp_path: Path, write_image: WriteImage) -> None:
    for name in ("mel/a.jpg", "nv/b.jpg", "nv/clinic/c.jpg"):
        write_image(tmp_path / name)
    source = folder(str(tmp_path), None)
    assert source.root == tmp_path.resolve()
    assert rows(source, "path", "label", "split", "group") == [
        ("mel/a.jpg", "mel", "", ""),
        ("nv/b.jpg", "nv", "", ""),
        ("nv/clinic/c.jpg", "nv", "", ""),
    ]


@pytest.mark.parametrize("val", ["val", "valid", "Validation"])
def test_split_folders_give_labels_and_splits(tmp_path: Path, write_image: WriteImage, val: str) -> None:
    for split in ("Train", val, "test"):
        for label in ("mel", "nv"):
            write_image(tmp_path / split / label / f"{split}.jpg")
    assert rows(folder(str(tmp_path), None), "split", "label", "path") == sorted(
        (name, label, f"{split}/{label}/{split}.jpg")
        for split, name in (("Train", "train"), (val, "val"), ("test", "test"))
        for label in ("mel", "nv")
    )


def test_flat_folder_takes_labels_from_its_table(tmp_path: Path, write_image: WriteImage) -> None:
    for name in ("a.jpg", "b.jpg"):
        write_image(tmp_path / name)
    (tmp_path / "metadata.csv").write_text("image_id,lesion_id,dx\na,L1,mel\nb,L2,nv\n")
    expected = [("a.jpg", "mel", "L1"), ("b.jpg", "nv", "L2")]
    assert rows(folder(str(tmp_path), None), "path", "label", "group") == expected


def test_table_beside_no_images_is_refused(tmp_path: Path) -> None:
    (tmp_path / "metadata.csv").write_text("image_id,dx\na,mel\n")
    with pytest.raises(InputError, match="holds no images"):
        folder(str(tmp_path), None)


def test_class_folders_take_groups_from_a_named_table(tmp_path: Path, write_image: WriteImage) -> None:
    for name in ("images/x/a.jpg", "images/y/b.jpg"):
        write_image(tmp_path / name)
    table = tmp_path / "patients.csv"
    table.write_text("image_id,lesion_id\na,L1\nb,L2\n")
    source = folder(str(tmp_path / "images"), str(table))
    assert rows(source, "path", "label", "group") == [("x/a.jpg", "x", "L1"), ("y/b.jpg", "y", "L2")]


def test_root_is_relative_to_the_working_directory(
    tmp_path: Path, write_image: WriteImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("images/x/a.jpg", "images/y/b.jpg"):
        write_image(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert folder("images", None).root == (tmp_path / "images").resolve()


def test_missing_root_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent does not exist; set data\.root=FOLDER"):
        folder(str(tmp_path / "absent"), None)


def test_empty_root_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is empty; set data\.root=FOLDER"):
        folder(str(tmp_path), None)


def test_flat_folder_without_table_is_refused(tmp_path: Path, write_image: WriteImage) -> None:
    write_image(tmp_path / "a.jpg")
    with pytest.raises(
        InputError, match=r"holds no class folders but a\.jpg, expected.*data\.metadata=TABLE"
    ):
        folder(str(tmp_path), None)


def test_class_folder_without_images_is_refused(tmp_path: Path, write_image: WriteImage) -> None:
    write_image(tmp_path / "mel" / "a.jpg")
    (tmp_path / "nv").mkdir()
    with pytest.raises(InputError, match=r"class folder .*nv holds no images; fill it or remove it"):
        folder(str(tmp_path), None)


def test_split_folder_without_class_folders_is_refused(tmp_path: Path, write_image: WriteImage) -> None:
    write_image(tmp_path / "train" / "a.jpg")
    with pytest.raises(
        InputError, match=r"train holds no class folders but a\.jpg, expected one folder of images per class"
    ):
        folder(str(tmp_path), None)


def test_split_folders_beside_class_folders_are_refused(tmp_path: Path, write_image: WriteImage) -> None:
    for name in ("mel", "nv", "train", "test"):
        write_image(tmp_path / name / "0.png")
    with pytest.raises(InputError, match=r"holds the split folder\(s\) test, train beside mel, nv"):
        folder(str(tmp_path), None)


def test_file_as_root_is_refused(tmp_path: Path) -> None:
    (tmp_path / "images.zip").write_text("")
    with pytest.raises(InputError, match=r"images\.zip is not a folder; set data\.root=FOLDER"):
        folder(str(tmp_path / "images.zip"), None)


@pytest.mark.usefixtures("unprivileged")
def test_a_root_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be read: Permission denied; mend its permissions, or set"):
        folder(str(tmp_path), None)


@pytest.mark.parametrize(
    "names", [["images/mel/a.jpg", "masks/a.png"], ["mel/a.jpg", "nv/a.jpg", "Masks/a.png"]]
)
def test_a_folder_of_images_or_of_masks_is_no_class(
    tmp_path: Path, write_image: WriteImage, names: list[str]
) -> None:
    for name in names:
        write_image(tmp_path / name)
    with pytest.raises(
        InputError, match=r"holds the folder (images|Masks), which is no class, .*data\.root=.*data=ham10000"
    ):
        folder(str(tmp_path), None)


def test_class_folders_one_level_too_deep_are_named(tmp_path: Path, write_image: WriteImage) -> None:
    for label in ("mel", "nv"):
        write_image(tmp_path / "lesions" / label / "a.jpg")
    with pytest.raises(
        InputError,
        match=r"single class folder lesions, expected at least two; it holds mel, nv: .*root=.*lesions$",
    ) as caught:
        folder(str(tmp_path), None)
    assert len(folder(str(caught.value).rpartition("data.root=")[2], None).table) == 2


def test_a_single_class_is_refused(tmp_path: Path, write_image: WriteImage) -> None:
    write_image(tmp_path / "mel" / "a.jpg")
    with pytest.raises(InputError, match=r"single class folder mel, expected at least two; add another"):
        folder(str(tmp_path), None)


def test_classes_that_differ_in_case_are_one_class(
    tmp_path: Path, write_image: WriteImage, caplog: pytest.LogCaptureFixture, build: Build
) -> None:
    for split, label in (("train", "MEL"), ("test", "mel")):
        for number in range(4):
            write_image(tmp_path / split / label / f"{number}.jpg")
            write_image(tmp_path / split / "nv" / f"{number}.jpg")
    with caplog.at_level(logging.WARNING):
        source = folder(str(tmp_path), None)
    assert "Labels mel, MEL of" in caplog.text
    assert "differ in case only and are taken as mel" in caplog.text
    manifest = build(source)
    assert manifest.class_names == ("mel", "nv")


def test_names_outside_ascii_and_with_spaces_are_read(
    tmp_path: Path, write_image: WriteImage, build: Build
) -> None:
    top = tmp_path / "Größe 1, Übersicht"
    for name in ("nævus blå/ä b.jpg", "メラノーマ/a'b.jpg"):
        for number in range(3):
            write_image(top / name.replace(".", f"{number}."))
    manifest = build(folder(str(top), None), fractions=(0.4, 0.3, 0.3))
    assert manifest.class_names == ("nævus blå", "メラノーマ")
    manifest.write(top / "manifest.csv")
    assert "nævus blå/ä b0.jpg" in (top / "manifest.csv").read_text(encoding="utf-8")


def test_linked_class_folders_are_followed(tmp_path: Path, write_image: WriteImage) -> None:
    for name in ("store/mel/a.jpg", "store/nv/deep/b.jpg"):
        write_image(tmp_path / name)
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "mel").symlink_to(tmp_path / "store" / "mel")
    (tmp_path / "root" / "nv").mkdir()
    (tmp_path / "root" / "nv" / "link").symlink_to(tmp_path / "store" / "nv" / "deep")
    assert folder(str(tmp_path / "root"), None).table["path"].tolist() == ["mel/a.jpg", "nv/link/b.jpg"]


def test_patients_of_a_table_are_the_groups(tmp_path: Path, write_image: WriteImage) -> None:
    for name in ("x/a.jpg", "y/b.jpg"):
        write_image(tmp_path / name)
    (tmp_path / "metadata.csv").write_text("image_id,lesion_id,patient_id\na,L1,P1\nb,L2,P1\n")
    expected = [("x/a.jpg", "P1", "L1"), ("y/b.jpg", "P1", "L2")]
    assert rows(folder(str(tmp_path), None), "path", "group", "lesion") == expected
