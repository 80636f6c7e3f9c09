import struct
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lightning_skin.data.manifest import Manifest
from lightning_skin.data.medmnist import DERMAMNIST, medmnist
from lightning_skin.errors import InputError

SIZES = {"train": 14, "val": 7, "test": 7}
Write = Callable[..., Path]
Build = Callable[..., Manifest]


@pytest.fixture
def write_npz(tmp_path: Path) -> Write:
    """Writes a MedMNIST file of noise; ``changed`` arrays replace its own."""
    rng = np.random.default_rng(0)

    def write(name: str = "dermamnist.npz", shape: tuple[int, ...] = (6, 5, 3), **changed: object) -> Path:
        arrays: dict[str, object] = {}
        for split, count in SIZES.items():
            arrays[f"{split}_images"] = rng.integers(0, 256, (count, *shape), np.uint8)
            arrays[f"{split}_labels"] = (np.arange(count) % 7).astype(np.uint8)[:, None]
        np.savez_compressed(tmp_path / name, **{**arrays, **changed})
        return tmp_path / name

    return write


def test_the_pixels_the_classes_and_the_split_are_those_of_the_file(tmp_path: Path, write_npz: Write) -> None:
    file = write_npz()
    root, table, _, malignant = medmnist(str(tmp_path / "unpacked"), str(file))
    assert Counter(table["split"]) == SIZES
    assert malignant == ("akiec", "bcc", "mel")
    assert set(table["source"]) == {"dermamnist"}
    content = np.load(file)
    for path, label, split in zip(table["path"], table["label"], table["split"], strict=True):
        row = int(Path(path).stem) - 1
        assert np.array_equal(Image.open(root / path), content[f"{split}_images"][row])
        assert DERMAMNIST[content[f"{split}_labels"][row, 0]] == label


def test_the_labels_of_dermamnist_are_ham10000s_in_alphabetical_order() -> None:
    assert DERMAMNIST == ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")


def test_a_manifest_keeps_the_official_split(tmp_path: Path, write_npz: Write, build: Build) -> None:
    source = medmnist(str(tmp_path / "unpacked"), str(write_npz("dermamnist_64.npz")))
    table = build(source).table
    assert table["split"].tolist() == [path.split("/")[0] for path in table["path"]]
    assert Counter(table["split"]) == SIZES


def test_other_sets_have_numbers_and_may_be_grey(tmp_path: Path, write_npz: Write) -> None:
    labels = {f"{split}_labels": np.arange(count) % 11 for split, count in SIZES.items()}
    root, table, _, malignant = medmnist(str(tmp_path / "unpacked"), str(write_npz("organamnist.npz", (8, 8), **labels)))
    assert sorted(set(table["label"])) == [f"{label:02d}" for label in range(11)]
    assert Image.open(root / table["path"][0]).mode == "L"


def test_a_file_is_unpacked_once_and_another_of_its_name_beside_it(tmp_path: Path, write_npz: Write) -> None:
    unpacked = tmp_path / "unpacked"
    first = medmnist(str(unpacked), str(write_npz())).root
    before = (first / "train" / "akiec" / "000001.png").stat().st_mtime_ns
    (tmp_path / "moved").mkdir()
    moved = (tmp_path / "dermamnist.npz").rename(tmp_path / "moved" / "dermamnist.npz")
    assert medmnist(str(unpacked), str(moved)).root == first
    assert (first / "train" / "akiec" / "000001.png").stat().st_mtime_ns == before
    second = medmnist(str(unpacked), str(write_npz())).root
    assert sorted(unpacked.iterdir()) == sorted([first, second])


def refusal(tmp_path: Path, file: Path) -> str:
    """The one line that refuses a file, of which nothing is unpacked."""
    with pytest.raises(InputError) as caught:
        medmnist(str(tmp_path / "unpacked"), str(file))
    assert "\n" not in str(caught.value)
    assert list(tmp_path.glob("unpacked/*")) == []
    return str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    said = refusal(tmp_path, tmp_path / "gone.npz")
    assert (
        "gone.npz does not exist; set data.file=FILE to a MedMNIST file, such as the dermamnist.npz" in said
    )


@pytest.mark.parametrize("kept", [0.5, 0.99])
def test_a_truncated_file_is_refused(tmp_path: Path, write_npz: Write, kept: float) -> None:
    file = write_npz()
    file.write_bytes(file.read_bytes()[: int(file.stat().st_size * kept)])
    assert "cannot be read as a MedMNIST file: File is not a zip file; download it anew" in refusal(
        tmp_path, file
    )


def test_a_file_with_damaged_pixels_is_refused(tmp_path: Path, write_npz: Write) -> None:
    file = write_npz()
    content = bytearray(file.read_bytes())
    start = content.index(b"test_images.npy") + 400
    content[start : start + 20] = bytes(20)
    file.write_bytes(content)
    assert "cannot be read as a MedMNIST file: " in refusal(tmp_path, file)


@pytest.mark.parametrize("array", ["train_images", "test_images", "val_labels"])
def test_an_array_that_fails_its_check_sum_is_refused(tmp_path: Path, write_npz: Write, array: str) -> None:
    file = write_npz(shape=(40, 40, 3))
    with zipfile.ZipFile(file) as archive:
        check_sum = struct.pack("<L", archive.getinfo(f"{array}.npy").CRC)
    file.write_bytes(file.read_bytes().replace(check_sum, bytes(4)))
    said = f"cannot be read as a MedMNIST file: Bad CRC-32 for file '{array}.npy'; download it anew"
    assert said in refusal(tmp_path, file)


def test_a_foreign_archive_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", weights=np.zeros(3))
    assert "There is no item named 'train_images.npy'" in refusal(tmp_path, tmp_path / "other.npz")


def test_a_pickle_is_not_opened(tmp_path: Path, write_npz: Write) -> None:
    labels = np.array([{"class": 0}] * SIZES["val"], dtype=object)
    said = refusal(tmp_path, write_npz(val_labels=labels))
    assert "val_labels object (7,), expected as many integers as images of uint8" in said


@pytest.mark.parametrize(
    ("name", "shape", "changed", "said"),
    [
        (
            "chestmnist.npz",
            (8, 8),
            {"train_labels": np.zeros((14, 14), np.uint8)},
            "gives 14 labels to an image",
        ),
        ("organmnist3d.npz", (8, 8, 8), {}, "holds images of shape (8, 8, 8), expected (H, W) or (H, W, 3)"),
        ("dermamnist.npz", (8, 8), {"val_labels": np.zeros((3, 1), np.uint8)}, "and val_labels uint8 (3, 1)"),
        ("dermamnist.npz", (8, 8), {"val_images": np.zeros((7, 8, 8))}, "has val_images float64 (7, 8, 8)"),
        ("dermamnist.npz", (8, 8), {"val_images": np.zeros((8, 8, 7), np.uint8).T}, "stored by column"),
    ],
)
def test_sets_of_another_kind_are_refused(
    tmp_path: Path, write_npz: Write, name: str, shape: tuple[int, ...], changed: dict[str, object], said: str
) -> None:
    assert said in refusal(tmp_path, write_npz(name, shape, **changed))
