import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from lightning_skin.data.isic_challenge import isic2018, isic2019
from lightning_skin.data.labels import relabelled
from lightning_skin.data.manifest import Manifest
from lightning_skin.data.sources import Source
from lightning_skin.errors import InputError

WriteImage = Callable[..., Path]
Build = Callable[..., Manifest]

CLASSES_2018 = ("MEL", "NV", "BCC", "AKIEC", "BKL", "DF", "VASC")
CLASSES_2019 = ("MEL", "NV", "BCC", "AK", "BKL", "DF", "VASC", "SCC", "UNK")


def truth(classes: tuple[str, ...], diagnoses: dict[str, str], more: str = "") -> str:
    """A one-hot table, ``more`` columns behind."""
    rows = [
        [image, *("1.0" if name == diagnosis else "0.0" for name in classes), *(["1.0"] * more.count(","))]
        for image, diagnosis in diagnoses.items()
    ]
    return "\n".join([",".join(["image", *classes]) + more, *(",".join(row) for row in rows)]) + "\n"


def rows(source: Source, *columns: str) -> list[tuple[str, ...]]:
    return sorted(zip(*(source.table[column] for column in columns), strict=True))


@pytest.fixture
def part_2018(tmp_path: Path, write_image: WriteImage) -> Callable[[str, dict[str, str]], None]:
    """Writes a part of ISIC 2018 as the challenge hands it out."""

    def write(part: str, diagnoses: dict[str, str]) -> None:
        stem = f"ISIC2018_Task3_{part}_GroundTruth"
        (tmp_path / stem).mkdir()
        (tmp_path / stem / f"{stem}.csv").write_text(truth(CLASSES_2018, diagnoses))
        for image in diagnoses:
            write_image(tmp_path / f"ISIC2018_Task3_{part}_Input" / f"{image}.jpg")

    return write


@pytest.fixture
def task_3(tmp_path: Path, part_2018: Callable[[str, dict[str, str]], None]) -> Path:
    """Four training images of three lesions."""
    part_2018("Training", {"ISIC_1": "MEL", "ISIC_2": "MEL", "ISIC_3": "AKIEC", "ISIC_4": "NV"})
    (tmp_path / "ISIC2018_Task3_Training_LesionGroupings.csv").write_text(
        "image,lesion_id,diagnosis_confirm_type\nISIC_1,L1,histopathology\nISIC_2,L1,histopathology\n"
        "ISIC_3,L2,histopathology\nISIC_4,L3,serial imaging\n"
    )
    return tmp_path


def test_task_3_is_read_with_its_lesions_and_nothing_that_leaks_the_label(task_3: Path) -> None:
    source = isic2018(str(task_3))
    assert source.malignant == ("akiec", "bcc", "mel")
    assert set(source.table) == {"path", "label", "split", "group", "source"}
    assert rows(source, "path", "label", "group", "split", "source") == [
        ("ISIC2018_Task3_Training_Input/ISIC_1.jpg", "mel", "L1", "", "isic2018"),
        ("ISIC2018_Task3_Training_Input/ISIC_2.jpg", "mel", "L1", "", "isic2018"),
        ("ISIC2018_Task3_Training_Input/ISIC_3.jpg", "akiec", "L2", "", "isic2018"),
        ("ISIC2018_Task3_Training_Input/ISIC_4.jpg", "nv", "L3", "", "isic2018"),
    ]


def test_the_official_split_is_kept(task_3: Path, part_2018: Callable[[str, dict[str, str]], None]) -> None:
    part_2018("Validation", {"ISIC_5": "NV"})
    part_2018("Test", {"ISIC_6": "MEL"})
    found = rows(isic2018(str(task_3)), "split", "label", "group")
    assert found == [
        ("test", "mel", ""),
        ("train", "akiec", "L2"),
        ("train", "mel", "L1"),
        ("train", "mel", "L1"),
        ("train", "nv", "L3"),
        ("val", "nv", ""),
    ]


def test_validation_without_a_test_set_is_left_out(
    task_3: Path, part_2018: Callable[[str, dict[str, str]], None], caplog: pytest.LogCaptureFixture
) -> None:
    part_2018("Validation", {"ISIC_5": "NV"})
    with caplog.at_level(logging.WARNING):
        table = isic2018(str(task_3)).table
    assert (len(table), set(table["split"])) == (4, {""})
    assert "no ground truth of the test set" in caplog.text


def test_a_test_set_alone_is_a_test_set(
    tmp_path: Path, part_2018: Callable[[str, dict[str, str]], None]
) -> None:
    part_2018("Test", {"ISIC_6": "MEL", "ISIC_7": "NV"})
    assert isic2018(str(tmp_path)).table["split"].tolist() == ["test", "test"]


def test_training_without_lesions_is_reported(task_3: Path, caplog: pytest.LogCaptureFixture) -> None:
    (task_3 / "ISIC2018_Task3_Training_LesionGroupings.csv").unlink()
    with caplog.at_level(logging.WARNING):
        assert set(isic2018(str(task_3)).table["group"]) == {""}
    assert "no ISIC2018_Task3_Training_LesionGroupings.csv, which names the lesions" in caplog.text


def test_images_that_the_lesions_leave_out_are_reported(
    task_3: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = task_3 / "ISIC2018_Task3_Training_LesionGroupings.csv"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    with caplog.at_level(logging.WARNING):
        assert rows(isic2018(str(task_3)), "group") == [("",), ("L1",), ("L1",), ("L2",)]
    assert "no row for 1 image(s), of which each counts as a lesion of its own: ISIC_4" in caplog.text


@pytest.mark.parametrize("values", ["0.0,0.0", "1.0,1.0", "0.5,0.5", "x,1.0", ",1.0"])
def test_rows_that_are_not_one_hot_are_refused(task_3: Path, values: str) -> None:
    folder = task_3 / "ISIC2018_Task3_Training_GroundTruth"
    rows = [f"ISIC_{number},{values},0,0,0,0,0\n" for number in range(7)]
    (folder / f"{folder.name}.csv").write_text("image," + ",".join(CLASSES_2018) + "\n" + "".join(rows))
    with pytest.raises(
        InputError,
        match=r"7 row\(s\) that are not one 1 and else 0 under MEL, .*: ISIC_0, .*ISIC_4, \.\.\.; mend",
    ):
        isic2018(str(task_3))


def test_ground_truth_without_a_class_is_refused(task_3: Path) -> None:
    folder = task_3 / "ISIC2018_Task3_Training_GroundTruth"
    (folder / f"{folder.name}.csv").write_text(truth(CLASSES_2018[:-1], {"ISIC_1": "MEL"}))
    with pytest.raises(
        InputError, match=r"GroundTruth\.csv has no column VASC but image, MEL, .*; rename them"
    ):
        isic2018(str(task_3))


def test_an_image_in_two_parts_is_refused(
    task_3: Path, part_2018: Callable[[str, dict[str, str]], None]
) -> None:
    part_2018("Test", {"ISIC_1": "MEL", "ISIC_6": "NV"})
    with pytest.raises(
        InputError, match=r"Training,Test\}.* name 1 image\(s\) in more than one part: ISIC_1; "
    ):
        isic2018(str(task_3))


@pytest.mark.parametrize("source", [isic2018, isic2019])
def test_another_layout_is_refused(
    tmp_path: Path, write_image: WriteImage, source: Callable[[str], Source]
) -> None:
    write_image(tmp_path / "mel" / "a.jpg")
    with pytest.raises(
        InputError, match=r"holds no ground truth but mel, expected ISIC.*_Training_GroundTruth\.csv in it"
    ):
        source(str(tmp_path))


@pytest.fixture
def challenge_2019(tmp_path: Path, write_image: WriteImage) -> Path:
    """Nine training images, two of one lesion, in the doubled folder of a common download."""
    diagnoses = {f"ISIC_{n}_downsampled": CLASSES_2019[n % 3] for n in range(9)}
    for image in diagnoses:
        write_image(tmp_path / "ISIC_2019_Training_Input" / "ISIC_2019_Training_Input" / f"{image}.jpg")
    (tmp_path / "ISIC_2019_Training_GroundTruth.csv").write_text(truth(CLASSES_2019, diagnoses))
    lesions = ["HAM_1", "", "", "HAM_1", *[""] * 5]
    (tmp_path / "ISIC_2019_Training_Metadata.csv").write_text(
        "image,age_approx,anatom_site_general,lesion_id,sex\n"
        + "".join(
            f"{image},55.0,anterior torso,{lesion},female\n"
            for image, lesion in zip(diagnoses, lesions, strict=True)
        )
    )
    return tmp_path


@pytest.fixture
def test_set_2019(challenge_2019: Path, write_image: WriteImage) -> Path:
    """The same with a test set that has an image of a class of its own."""
    diagnoses = {"ISIC_20": "MEL", "ISIC_21": "UNK", "ISIC_22": "NV"}
    for image in diagnoses:
        write_image(challenge_2019 / "ISIC_2019_Test_Input" / f"{image}.jpg")
    (challenge_2019 / "ISIC_2019_Test_GroundTruth.csv").write_text(
        truth(CLASSES_2019, diagnoses, ",score_weight,validation_weight")
    )
    (challenge_2019 / "ISIC_2019_Test_Metadata.csv").write_text(
        "image,age_approx,anatom_site_general,sex\nISIC_20,40,head/neck,male\nISIC_21,,,\nISIC_22,30,,\n"
    )
    return challenge_2019


def test_2019_is_read_with_what_is_known(challenge_2019: Path) -> None:
    table = isic2019(str(challenge_2019)).table
    assert set(table) == {"path", "label", "split", "group", "age", "sex", "site", "source"}
    assert set(table["label"]) == {"mel", "nv", "bcc"}
    assert table["group"].tolist() == ["HAM_1", "", "", "HAM_1", *[""] * 5]
    assert table.loc[0, ["age", "sex", "site", "source"]].tolist() == [
        "55.0",
        "female",
        "anterior torso",
        "isic2019",
    ]


def test_the_weights_of_the_test_images_are_kept(test_set_2019: Path) -> None:
    table = isic2019(str(test_set_2019)).table
    assert table["score_weight"][table["split"] == "test"].tolist() == ["1.0"] * 3
    assert set(table["score_weight"][table["split"] == "train"]) == {""}


def test_ak_is_named_as_in_the_other_sets(challenge_2019: Path) -> None:
    (challenge_2019 / "ISIC_2019_Training_GroundTruth.csv").write_text(
        truth(CLASSES_2019, {"ISIC_0_downsampled": "AK", "ISIC_1_downsampled": "SCC"})
    )
    source = isic2019(str(challenge_2019))
    assert source.table["label"].tolist() == ["akiec", "scc"]
    assert source.malignant == ("akiec", "bcc", "mel", "scc")


def test_the_unknown_class_of_the_test_set_can_be_left_out(
    test_set_2019: Path, caplog: pytest.LogCaptureFixture, build: Build
) -> None:
    source = partial(isic2019, str(test_set_2019))
    with (
        caplog.at_level(logging.INFO),
        pytest.raises(InputError, match=r"class unknown .* has no training image"),
    ):
        build(source())
    assert "leave out those of the test set with data.labels={unknown: null}" in caplog.text
    manifest = build(relabelled(source, {"unknown": None}))
    assert manifest.class_names == ("bcc", "mel", "nv")
    assert manifest.rows("test")["path"].tolist() == [
        "ISIC_2019_Test_Input/ISIC_20.jpg",
        "ISIC_2019_Test_Input/ISIC_22.jpg",
    ]
    assert len(manifest.rows("train")) + len(manifest.rows("val")) == 9


def test_images_of_a_test_set_without_ground_truth_are_left_out(
    test_set_2019: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (test_set_2019 / "ISIC_2019_Test_GroundTruth.csv").unlink()
    with caplog.at_level(logging.WARNING):
        assert len(isic2019(str(test_set_2019)).table) == 9
    assert "no row for 3 image(s), which are left out: ISIC_2019_Test_Input/ISIC_20.jpg" in caplog.text
