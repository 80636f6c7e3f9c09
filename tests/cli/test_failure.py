import pytest
from hydra.errors import InstantiationException
from hydra.utils import instantiate
from lightning.pytorch import Trainer
from lightning.pytorch.utilities.exceptions import SIGTERMException
from torch.utils.data import DataLoader, Dataset

from lightning_skin.cli.errors import ConfigurationError
from lightning_skin.cli.failure import explain_failure, report_failure
from lightning_skin.errors import InputError


class MisconfigurationException(Exception):
    """Named like Lightning's."""


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (InputError("a is b,\n  expected c"), ("a is b, expected c",)),
        (ConfigurationError(["one", "two"]), ("one", "two")),
        (FileNotFoundError(2, "No such file or directory", "x.csv"), ("No such file or directory: x.csv",)),
        (PermissionError(13, None, "x.csv"), ("Permission denied: x.csv",)),
        (OSError("the server said\nno"), ("the server said no",)),
        (MisconfigurationException("no\nGPU"), ("no GPU",)),
        (KeyError("x"), ()),
        (ValueError("x"), ()),
        (AssertionError(), ()),
    ],
    ids=repr,
)
def test_what_the_user_can_mend_is_told_from_a_bug(error: Exception, said: tuple[str, ...]) -> None:
    assert explain_failure(error) == said


class Unreadable(Dataset[int]):
    def __len__(self) -> int:
        return 1

    def __getitem__(self, row: int) -> int:
        raise InputError(f"image {row} is gone")


def test_what_a_reading_process_could_not_use_is_told_without_its_traceback() -> None:
    with pytest.raises(InputError) as caught:
        next(iter(DataLoader(Unreadable(), num_workers=1)))
    assert explain_failure(caught.value) == ("image 0 is gone",)


def test_what_lightning_refuses_is_told_from_a_bug() -> None:
    with pytest.raises(ValueError, match="nonsense") as caught:
        Trainer(accelerator="cpu", strategy="nonsense", logger=False)
    (problem,) = explain_failure(caught.value)
    assert "nonsense" in problem


def test_a_terminated_run_is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    assert report_failure(SIGTERMException()) == 143
    assert capsys.readouterr().err == "terminated\n"


@pytest.mark.parametrize(
    ("node", "said"),
    [
        ({"_target_": "datetime.date", "x": 1}, "function missing required argument 'year'"),
        ({"_target_": "nowhere.to.be.found"}, "Error loading 'nowhere.to.be.found'"),
    ],
    ids=str,
)
def test_a_node_that_cannot_be_built_is_named(node: dict[str, object], said: str) -> None:
    with pytest.raises(InstantiationException) as caught:
        instantiate({"data": {"source": node}})
    (problem,) = explain_failure(caught.value)
    assert problem.startswith(f"data.source cannot be built: {said}")
