import logging
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from lightning_skin.data.isic_archive import CLASSES, isic_archive
from lightning_skin.errors import InputError

WriteImage = Callable[..., Path]
Download = Callable[..., Path]

BENIGN_NEVUS = ("Benign", "Benign melanocytic proliferations", "Nevus")
FACTS = {
    "attribution": "A hospital",
    "copyright_license": "CC-BY-NC",
    "age_approx": "40",
    "anatom_site_general": "lower extremity",
    "diagnosis_confirm_type": "histopathology",
    "sex": "female",
}


@pytest.fixture
def download(tmp_path: Path, write_image: WriteImage) -> Download:
    """Writes an archive's download of images with these columns."""

    def write(**columns: list[str]) -> Path:
        count = len(next(iter(columns.values())))
        names = [f"ISIC_{number:07}" for number in range(count)]
        for name in names:
            write_image(tmp_path / f"{name}.jpg")
        table = {"isic_id": names, **{name: [value] * count for name, value in FACTS.items()}, **columns}
        pd.DataFrame(table).to_csv(tmp_path / "metadata.csv", index=False)
        (tmp_path / "attribution.txt").write_text("A hospital")
        (tmp_path / "licenses").mkdir()
        (tmp_path / "licenses" / "CC-BY-NC.txt").write_text("...")
        return tmp_path

    return write


def nested(*diagnoses: tuple[str, ...]) -> dict[str, list[str]]:
    """Columns diagnosis_1 to diagnosis_5."""
    return {
        f"diagnosis_{depth + 1}": [
            diagnosis[depth] if depth < len(diagnosis) else "" for diagnosis in diagnoses
        ]
        for depth in range(5)
    }


def labels(root: Path, classes: str | None = None) -> dict[str, str]:
    table = isic_archive(str(root), classes).table
    return dict(zip(table["path"].str.slice(-5, -4), table["label"], strict=True))


def test_a_download_is_read_with_its_licences_and_nothing_that_leaks_the_label(download: Download) -> None:
    root = download(
        **nested(BENIGN_NEVUS, BENIGN_NEVUS), lesion_id=["IL_1", "IL_2"], patient_id=["IP_1", "IP_1"]
    )
    assert isic_archive(str(root), None).table.to_dict("list") == {
        "path": ["ISIC_0000000.jpg", "ISIC_0000001.jpg"],
        "label": ["nv", "nv"],
        "split": ["", ""],
        "group": ["IP_1", "IP_1"],
        "lesion": ["IL_1", "IL_2"],
        "patient": ["IP_1", "IP_1"],
        "age": ["40", "40"],
        "sex": ["female", "female"],
        "site": ["lower extremity", "lower extremity"],
        "licence": ["CC-BY-NC", "CC-BY-NC"],
        "source": ["A hospital", "A hospital"],
    }


def test_the_most_specific_diagnosis_that_is_named_gives_the_class(download: Download) -> None:
    epidermal = "Malignant epidermal proliferations"
    root = download(
        **nested(
            (*BENIGN_NEVUS, "Blue nevus", "Blue nevus, Cellular"),
            ("Malignant", "Malignant melanocytic proliferations (Melanoma)", "Melanoma in situ"),
            ("Malignant", "Malignant adnexal epithelial proliferations - Follicular", "Basal cell carcinoma"),
            ("Malignant", epidermal, "Squamous cell carcinoma in situ", "Bowens disease"),
            ("Malignant", epidermal, "Squamous cell carcinoma, Invasive"),
            ("Indeterminate", "Indeterminate epidermal proliferations", "Solar or actinic keratosis"),
            ("Benign", "Benign epidermal proliferations", "Seborrheic keratosis"),
            ("Benign", "Benign soft tissue proliferations - Fibro-histiocytic", "Dermatofibroma"),
            ("Benign", "Benign soft tissue proliferations - Vascular"),
        )
    )
    assert isic_archive(str(root), None).malignant == ("akiec", "bcc", "mel", "scc")
    assert list(labels(root).values()) == ["nv", "mel", "bcc", "akiec", "scc", "akiec", "bkl", "df", "vasc"]


def test_a_table_of_ones_own_decides_and_its_deeper_rows_win(download: Download) -> None:
    root = download(**nested(BENIGN_NEVUS, (*BENIGN_NEVUS, "Nevus, Spitz"), ("Malignant",)))
    (root / "classes.csv").write_text(
        'diagnosis,label\nbenign,harmless\n" nevus, spitz",spitz\nMalignant,cancer\n'
    )
    assert labels(root, str(root / "classes.csv")) == {"0": "harmless", "1": "spitz", "2": "cancer"}
    assert isic_archive(str(root), str(root / "classes.csv")).malignant == ()


def test_the_one_column_of_older_downloads_is_read(download: Download) -> None:
    old = ["nevus", "melanoma", "actinic keratosis", "vascular lesion", "lichenoid keratosis"]
    root = download(diagnosis=old, benign_malignant=["benign"] * 5)
    assert isic_archive(str(root), None).malignant == ("akiec", "bcc", "mel", "scc")
    assert list(labels(root).values()) == ["nv", "mel", "akiec", "vasc", "bkl"]


def test_images_without_a_class_are_counted_by_diagnosis(
    download: Download, caplog: pytest.LogCaptureFixture
) -> None:
    scar = ("Benign", "Benign soft tissue proliferations - Fibro-histiocytic", "Scar")
    root = download(**nested(scar, BENIGN_NEVUS, scar, (), ("Malignant",)))
    with caplog.at_level(logging.WARNING):
        assert labels(root) == {"1": "nv"}
    (message,) = caplog.messages
    assert "4 of the 5 images" in message
    assert "left out: Scar (2), none given (1), Malignant (1); to use them" in message


def test_images_of_no_class_at_all_are_refused(download: Download) -> None:
    root = download(**nested(("Benign",), ("Malignant",)))
    with pytest.raises(
        InputError,
        match=r"class for none of the 2 images .* Benign \(1\), Malignant \(1\); .*data\.classes=FILE",
    ):
        isic_archive(str(root), None)


def test_lesions_are_the_groups_where_no_patient_is_known(download: Download) -> None:
    root = download(
        **nested(*[BENIGN_NEVUS] * 4), lesion_id=["L1", "L1", "L2", ""], patient_id=["P1", "", "", ""]
    )
    assert isic_archive(str(root), None).table["group"].tolist() == ["P1", "P1", "L2", ""]


def test_a_folder_without_the_table_is_refused(tmp_path: Path, write_image: WriteImage) -> None:
    write_image(tmp_path / "ISIC_1.jpg")
    with pytest.raises(InputError, match=r"no metadata table but ISIC_1\.jpg, expected metadata\.csv in it"):
        isic_archive(str(tmp_path), None)


def test_a_table_without_diagnoses_is_refused(download: Download) -> None:
    root = download(lesion_id=["L1"])
    with pytest.raises(
        InputError, match=r"no column diagnosis_1 to diagnosis_5 nor diagnosis but isic_id, attr"
    ):
        isic_archive(str(root), None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "diagnosis,class\nNevus,nv\n",
            r"classes\.csv has no column label but diagnosis, class; rename them",
        ),
        (
            "diagnosis,label\nNevus,nv\nnevus,mel\n",
            r"names 1 diagnosis\(es\) more than once: nevus; keep one",
        ),
    ],
)
def test_a_table_of_classes_that_cannot_be_used_is_refused(download: Download, text: str, said: str) -> None:
    root = download(**nested(BENIGN_NEVUS))
    (root / "classes.csv").write_text(text)
    with pytest.raises(InputError, match=said):
        isic_archive(str(root), str(root / "classes.csv"))


def test_our_own_table_names_the_classes_of_the_field() -> None:
    table = pd.read_csv(CLASSES)
    assert set(table["label"]) == {"mel", "nv", "bcc", "akiec", "bkl", "df", "vasc", "scc"}
