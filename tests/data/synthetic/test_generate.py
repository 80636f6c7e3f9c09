from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lightning_skin.data.synthetic.generate import DECK, class_of, synthesise
from lightning_skin.errors import InputError

HAM10000_COLUMNS = ["lesion_id", "image_id", "dx", "dx_type", "age", "sex", "localization"]


def files(collection: Path) -> dict[str, bytes]:
    """Contents by relative path."""
    paths = [path for path in collection.rglob("*") if path.is_file()]
    return {path.relative_to(collection).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthesise(tmp_path_factory.mktemp("synthetic"), lesions=14, size=48, seed=3)


@pytest.fixture(scope="module")
def table(collection: Path) -> pd.DataFrame:
    return pd.read_csv(collection / "HAM10000_metadata.csv")


def test_the_name_says_what_the_collection_holds(collection: Path) -> None:
    assert collection.name == "lesions14_size48_seed3_v2"


def test_every_image_has_a_row_a_class_folder_and_a_mask(collection: Path, table: pd.DataFrame) -> None:
    assert list(table) == HAM10000_COLUMNS
    rows = list(zip(table.dx, table.image_id, strict=True))
    expected = {f"images/{dx}/{name}.jpg" for dx, name in rows}
    expected |= {f"masks/{name}_segmentation.png" for _, name in rows}
    assert set(files(collection)) == expected | {"HAM10000_metadata.csv"}


def test_images_are_four_by_three_and_masks_black_and_white(collection: Path) -> None:
    with Image.open(next(collection.glob("images/*/SYN_0000001.jpg"))) as image:
        assert (image.size, image.mode) == ((64, 48), "RGB")
    for path in collection.glob("masks/*.png"):
        with Image.open(path) as mask:
            assert (mask.size, mask.mode) == ((64, 48), "L")
            assert set(np.unique(np.asarray(mask))) == {0, 255}


def test_images_of_a_lesion_share_its_record(table: pd.DataFrame) -> None:
    lesions = table.groupby("lesion_id")
    assert len(lesions) == 14
    assert set(lesions.size()) <= {1, 2, 3}
    assert (lesions[["dx", "dx_type", "sex", "localization"]].nunique() == 1).all(axis=None)


def test_fourteen_lesions_hold_every_class_in_its_share(table: pd.DataFrame) -> None:
    counts = table.drop_duplicates("lesion_id").dx.value_counts().to_dict()
    assert counts == {"nv": 5, "mel": 2, "bkl": 2, "bcc": 2, "akiec": 1, "df": 1, "vasc": 1}


def test_the_order_of_classes_differs_between_decks_and_seeds() -> None:
    first, second = ([class_of(number + start, 0) for number in range(14)] for start in (0, 14))
    assert Counter(first) == Counter(second) == Counter(DECK)
    assert first != second
    assert first != [class_of(number, 1) for number in range(14)]


def test_one_seed_gives_the_same_files_and_another_seed_others(collection: Path, tmp_path: Path) -> None:
    again = files(synthesise(tmp_path / "again", lesions=14, size=48, seed=3))
    assert again == files(collection)
    other = synthesise(tmp_path / "other", lesions=14, size=48, seed=4)
    assert not set(files(other).values()) & set(again.values())


def test_a_lesion_is_the_same_however_many_follow_it(collection: Path, tmp_path: Path) -> None:
    few = files(synthesise(tmp_path, lesions=5, size=48, seed=3))
    table = few.pop("HAM10000_metadata.csv")
    assert few.items() <= files(collection).items()
    assert files(collection)["HAM10000_metadata.csv"].startswith(table)


def test_an_existing_collection_is_returned_untouched(tmp_path: Path) -> None:
    existing = tmp_path / "lesions14_size48_seed3_v2"
    existing.mkdir()
    assert synthesise(tmp_path, lesions=14, size=48, seed=3) == existing
    assert not files(existing)


def test_runs_that_write_the_same_collection_at_once_all_get_it_whole(tmp_path: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        runs = [pool.submit(synthesise, tmp_path, lesions=2, size=32, seed=0) for _ in range(3)]
        (collection,) = {run.result() for run in runs}
    assert list(tmp_path.iterdir()) == [collection]
    assert (collection / "HAM10000_metadata.csv").is_file()


def test_a_failed_run_leaves_nothing_half_written(tmp_path: Path) -> None:
    in_the_way = tmp_path / "lesions1_size32_seed0_v2"
    in_the_way.touch()
    with pytest.raises(OSError, match="lesions1_size32_seed0_v2"):
        synthesise(tmp_path, lesions=1, size=32, seed=0)
    assert list(tmp_path.iterdir()) == [in_the_way]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"lesions": 0}, "synthetic lesions is 0, expected at least 1"),
        ({"size": 31}, "synthetic size is 31, expected at least 32"),
        ({"seed": -1}, "synthetic seed is -1, expected at least 0"),
    ],
)
def test_arguments_out_of_range_are_refused(tmp_path: Path, arguments: dict[str, int], message: str) -> None:
    with pytest.raises(InputError, match=message):
        synthesise(tmp_path, **{"lesions": 1, "size": 32, "seed": 0, **arguments})
    assert not list(tmp_path.iterdir())


def test_nothing_is_drawn_among_files_of_others(tmp_path: Path) -> None:
    (tmp_path / ".DS_Store").touch()
    synthesise(tmp_path, lesions=1, size=48, seed=0)
    (tmp_path / "mel").mkdir()
    with pytest.raises(InputError, match=r"holds mel, .* for your own images add data=folder"):
        synthesise(tmp_path, lesions=1, size=32, seed=0)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".DS_Store",
        "lesions1_size48_seed0_v2",
        "mel",
    ]
