import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from lightning_skin.data.pad_ufes20 import pad_ufes20
from lightning_skin.errors import InputError

WriteImage = Callable[..., Path]

HEADER = "patient_id,lesion_id,smoke,age,gender,region,diagnostic,img_id,biopsed\n"
ROWS = (
    "PAT_1,11,True,55,FEMALE,NECK,NEV,PAT_1_11_101.png,False\n"
    "PAT_1,12,True,55,FEMALE,FACE,BCC,PAT_1_12_102.png,True\n"
    "PAT_2,13,,79,,FOREARM,ACK,PAT_2_13_103.png,True\n"
)


@pytest.fixture
def pad(tmp_path: Path, write_image: WriteImage) -> Path:
    """Three images of two patients, in the doubled folders of a common download."""
    for name in ("imgs_part_1/imgs_part_1/PAT_1_11_101", "imgs_part_1/PAT_1_12_102", "images/PAT_2_13_103"):
        write_image(tmp_path / f"{name}.png")
    (tmp_path / "metadata.csv").write_text(HEADER + ROWS)
    return tmp_path


def test_it_is_read_by_patient_with_what_is_known(pad: Path) -> None:
    assert pad_ufes20(str(pad)).table.to_dict("list") == {
        "path": [
            "imgs_part_1/imgs_part_1/PAT_1_11_101.png",
            "imgs_part_1/PAT_1_12_102.png",
            "images/PAT_2_13_103.png",
        ],
        "label": ["nv", "bcc", "akiec"],
        "split": ["", "", ""],
        "group": ["PAT_1", "PAT_1", "PAT_2"],
        "lesion": ["11", "12", "13"],
        "patient": ["PAT_1", "PAT_1", "PAT_2"],
        "age": ["55", "55", "79"],
        "sex": ["female", "female", ""],
        "site": ["neck", "face", "forearm"],
        "source": ["pad_ufes20"] * 3,
    }


def test_all_six_diagnoses_have_a_name_of_ham10000_or_their_own(pad: Path) -> None:
    rows = [
        f"PAT_{n},1,,,,,{name},PAT_1_1{n}_10{n},\n"
        for n, name in enumerate(("ACK", "BCC", "MEL", "NEV", "SCC", "SEK"))
    ]
    (pad / "metadata.csv").write_text(HEADER + "".join(rows))
    for number in range(6):
        (pad / f"PAT_1_1{number}_10{number}.png").write_bytes((pad / "images/PAT_2_13_103.png").read_bytes())
    (pad / "imgs_part_1/imgs_part_1/PAT_1_11_101.png").unlink()
    (pad / "imgs_part_1/PAT_1_12_102.png").unlink()
    source = pad_ufes20(str(pad))
    assert source.table["label"].tolist() == ["akiec", "bcc", "mel", "nv", "scc", "bkl"]
    assert source.malignant == ("bcc", "mel", "scc")


def test_missing_images_are_reported(pad: Path, caplog: pytest.LogCaptureFixture) -> None:
    (pad / "images" / "PAT_2_13_103.png").unlink()
    with caplog.at_level(logging.WARNING):
        assert len(pad_ufes20(str(pad)).table) == 2
    assert "1 of the 3 images" in caplog.text
    assert "are missing: PAT_2_13_103;" in caplog.text


def test_an_unknown_diagnosis_is_refused(pad: Path) -> None:
    (pad / "metadata.csv").write_text(HEADER + ROWS.replace("NEV", "WART").replace("ACK", ""))
    with pytest.raises(
        InputError,
        match=r"2 image\(s\) with an unknown diagnostic \(empty, WART\): PAT_1_11_101, PAT_2_13_103; exp",
    ):
        pad_ufes20(str(pad))


def test_a_table_without_patients_is_refused(pad: Path) -> None:
    (pad / "metadata.csv").write_text("img_id,diagnostic\nPAT_1_11_101.png,NEV\n")
    with pytest.raises(InputError, match=r"has no column patient_id but img_id, diagnostic; rename them"):
        pad_ufes20(str(pad))


def test_a_folder_without_the_table_is_refused(pad: Path) -> None:
    (pad / "metadata.csv").unlink()
    with pytest.raises(
        InputError, match=r"no metadata table but images, imgs_part_1, expected metadata\.csv"
    ):
        pad_ufes20(str(pad))
