import pytest

from lightning_skin.data.malignant import HAM10000, choose_malignant, relabelled_malignant
from lightning_skin.errors import InputError

CLASSES = ("akiec", "bcc", "mel", "nv")


def test_what_is_known_is_taken_as_far_as_there_are_images() -> None:
    assert choose_malignant(None, HAM10000, ["bkl", "mel", "nv"]) == ("mel",)
    assert choose_malignant(None, HAM10000, ["nv", "mel", "akiec", "bcc"]) == ("mel", "akiec", "bcc")


@pytest.mark.parametrize(("known", "class_names"), [((), CLASSES), (HAM10000, ("mel", "bcc"))])
def test_without_both_kinds_there_is_no_question(known: tuple[str, ...], class_names: tuple[str, ...]) -> None:
    assert choose_malignant(None, known, class_names) == ()


def test_what_the_user_names_wins() -> None:
    assert choose_malignant(["mel", "bcc"], HAM10000, CLASSES) == ("bcc", "mel")
    assert choose_malignant(["nv"], (), CLASSES) == ("nv",)


@pytest.mark.parametrize(
    ("named", "message"),
    [
        (["mel", "scc"], "^data.malignant names scc, expected some of the classes akiec, bcc, mel, nv$"),
        (list(CLASSES), r"^data.malignant names every class \(akiec, bcc, mel, nv\); leave the benign ones out$"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(named: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        choose_malignant(named, HAM10000, CLASSES)


def test_malignant_labels_keep_their_nature_under_new_names() -> None:
    renamed = {"mel": "melanoma", "bcc": None, "akiec": "akiec", "nv": "mole"}
    assert relabelled_malignant(HAM10000, renamed) == ("akiec", "melanoma")


def test_labels_of_both_kinds_under_one_name_leave_it_open(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    renamed = {"mel": "mel", "akiec": "bkl", "bkl": "bkl"}
    assert relabelled_malignant(HAM10000, renamed) == ()
    assert "malignant and benign labels the name bkl" in caplog.text
