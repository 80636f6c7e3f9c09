import pytest

from lightning_skin.data.split_settings import SplitSettings
from lightning_skin.errors import InputError


@pytest.mark.parametrize(
    ("folds", "fold", "split_file", "said"),
    [
        (None, 0, None, r"data\.fold is 0 but data\.folds is not set; set data\.folds"),
        (5, None, None, r"data\.fold is not set, expected a number from 0 to 4, as data\.folds is 5"),
        (5, 5, None, r"data\.fold is 5, expected a number from 0 to 4"),
        (5, 0, "old.csv", r"data\.folds=5 and data\.split_file=old\.csv both say what is test; leave one"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    folds: int | None, fold: int | None, split_file: str | None, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        SplitSettings((0.6, 0.2, 0.2), 0, folds, fold, split_file, False)


@pytest.mark.parametrize("fold", [0, 4])
def test_every_fold_can_be_chosen(fold: int) -> None:
    assert SplitSettings((0.6, 0.2, 0.2), 0, 5, fold, None, False).fold == fold
