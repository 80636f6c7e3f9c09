import pytest

from lightning_skin.cli.arguments import split_arguments
from lightning_skin.errors import InputError


def test_an_empty_command_line_runs_the_defaults() -> None:
    assert split_arguments([]) == ((), (), False, True)


def test_the_value_of_a_flag_is_no_override() -> None:
    line = split_arguments(["seed=1", "--config-dir", "extra", "data=folder"])
    assert line.overrides == ("seed=1", "data=folder")
    assert line.flags == ("--config-dir", "extra")


def test_a_repeated_override_is_kept_twice_for_hydra_to_judge() -> None:
    assert split_arguments(["seed=1", "-m", "seed=1"]).overrides == ("seed=1", "seed=1")


@pytest.mark.parametrize("arguments", [["-m"], ["--multirun"], ["hydra.mode=MULTIRUN"]], ids=str)
def test_a_sweep_is_asked_for_by_flag_or_override(arguments: list[str]) -> None:
    assert split_arguments(["seed=0,1", *arguments]).multirun


def test_without_a_flag_it_is_one_run() -> None:
    assert not split_arguments(["seed=0,1", "hydra.mode=RUN"]).multirun


@pytest.mark.parametrize(
    "flags", [["--cfg", "all"], ["-c", "job"], ["--info"], ["--hydra-help"], ["-sc", "x"]], ids=str
)
def test_what_only_shows_something_runs_nothing(flags: list[str]) -> None:
    assert not split_arguments(["seed=1", *flags]).runs


def test_a_package_shows_part_of_the_configuration() -> None:
    line = split_arguments(["--cfg", "job", "--package", "data"])
    assert line.flags == ("--cfg", "job", "--package", "data")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--cfg", "everything"], "invalid choice: 'everything'"),
        (["--cfg"], "expected one argument"),
        (["--multi-run"], r"unknown option --multi-run; did you mean --multirun\?; see --help"),
        (["-x"], "unknown option -x"),
        (["--frobnicate", "seed=1"], "unknown option --frobnicate; see --help"),
    ],
    ids=str,
)
def test_a_mistaken_flag_is_named(arguments: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        split_arguments(arguments)
