from pathlib import Path

import pytest

from lightning_skin.cli.arguments import split_arguments
from lightning_skin.cli.conf_folder import find_conf_folder
from lightning_skin.cli.errors import ConfigurationError
from lightning_skin.cli.preflight import check_command_line

FOLDER = "data=folder data.root=images"


def check(command: str) -> Path:
    line = split_arguments(command.split())
    return check_command_line(line.overrides, find_conf_folder(), line.multirun)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("model.optimzer.lr=1", "unknown key model.optimzer.lr; did you mean model.optimizer.lr?"),
        ("lr=1", "unknown key lr; did you mean model.optimizer.lr?"),
        ("batch_size=1", "unknown key batch_size; did you mean data.batch_size or explain.batch_size?"),
        ("trainer.max_epoch=1", "unknown key trainer.max_epoch; did you mean trainer.max_epochs?"),
        ("modl=resnet18", "unknown key modl; did you mean model?"),
        ("seed.x=1", "unknown key seed.x"),
        ("hydra.run.dirr=x", "unknown key hydra.run.dirr; did you mean hydra.run.dir?"),
        ("data.metadata=x", "unknown key data.metadata; it belongs to data=folder"),
        (
            "model.optimizer.momentum=0",
            "unknown key model.optimizer.momentum; it belongs to model/optimizer=sgd",
        ),
        (
            "mode=tset",
            "mode=tset does not exist; choose one of compare, evaluate, explain, fit, prepare, test; "
            "did you mean test?",
        ),
        ("experiment=null", "experiment=null does not exist; choose one of baseline, "),
        ("callbacks=[checkpoint,x]", "callbacks=x does not exist; choose one of checkpoint, "),
        ("model/optimiser=sgd", "unknown group model/optimiser; did you mean model/optimizer?"),
        ("model.optimizer=sgd", "model.optimizer is a group: write model/optimizer=sgd, one of adamw, sgd"),
        ("model.optimizer=null", "model.optimizer is null, expected a group of keys"),
        ("~model", "~model removes what every run needs: set model to a value instead"),
        ("~model.dropout", "~model.dropout removes what every run needs"),
        (
            "data.root=a=b",
            """cannot read data.root=a=b: quote a value that holds special characters, 'data""",
        ),
        ("seed=[", "cannot read seed=["),
        ("test", "cannot read test, expected key=value"),
        ("=1", "cannot read =1, expected key=value"),
        ("data.fractions=0.7,0.1,0.2", "data.fractions=0.7,0.1,0.2 names several values: add -m"),
        ("data=folder", "data.root is not set: add data.root=FOLDER"),
        ("data=folder data.root=null", "data.root is null, expected a path"),
        (
            "mode=test data.root=images",
            "unknown key data.root; it belongs to data=csv and data=dermamnist and data=folder and ",
        ),
        ("mode=test images=tests", "unknown key images; it belongs to mode=explain"),
        ("data.fractions.train=0.8", "unknown key data.fractions.train"),
        ("data.batch_size=2.5", "data.batch_size is 2.5, expected a positive integer"),
        ("explain.method=gradcm", "explain.method is gradcm, expected one of gradcam, gradcam++, "),
        ("ckpt_path=nowhere", "ckpt_path"),
        ("-m seed=0,-1", "seed is -1, expected an integer in [0, 4294967295]"),
        (
            "-m model.optimizer.lr=1e-3,abc seed=1,2,3",
            "model.optimizer.lr is abc, expected a positive number",
        ),
        ("-m model=resnet18,resnet51", "model=resnet51 does not exist"),
    ],
)
def test_a_mistake_is_named_with_its_remedy(command: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        check(command)
    (problem,) = caught.value.problems
    assert problem.startswith(said)
    assert "\n" not in problem


@pytest.mark.parametrize(
    "command",
    [
        "model.optimizer.lr=1e-3",
        "model.optimizer.lr=1",
        "model.loss.class_weights={mel:3,nv:0.5}",
        "mode=explain images=tests",
        f"{FOLDER} data.labels={{melanoma:mel,unknown:null}}",
        f"{FOLDER} data.fractions=[0.5,0.25,0.25]",
        f"mode=test {FOLDER}",
        "mode=test experiment=ham10000",
        "+model.optimizer.betas=[0.9,0.95]",
        "~callbacks.early_stopping",
        "hydra/launcher=basic",
        "-m model=resnet18,resnet50 seed=range(3)",
        "-m experiment=glob(*)",
        "-m model.optimizer.lr=interval(0,1)",
    ],
)
def test_a_sound_command_line_passes(command: str) -> None:
    check(command)


def test_all_mistakes_are_named_at_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        check("modl=1 trainer.x=2")
    assert [problem.split(";")[0] for problem in caught.value.problems] == [
        "unknown key modl",
        "unknown key trainer.x",
    ]


def test_a_mistake_in_every_job_of_a_sweep_is_named_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        check("-m seed=0,1,2 model.dropout=2")
    assert caught.value.problems == ("model.dropout is 2, expected a number in [0, 1)",)


def test_the_folder_is_the_one_that_the_run_or_the_sweep_would_write() -> None:
    assert check("hydra.run.dir=here") == Path("here")
    assert check("mode=test").parent == Path("outputs/test")
    assert check("-m seed=0,1 hydra.sweep.dir=there") == Path("there")


def test_flags_may_stand_between_overrides() -> None:
    line = split_arguments(["seed=0,1", "-m", "data=folder", "--config-name", "config"])
    assert line.overrides == ("seed=0,1", "data=folder")
    assert line.flags == ("-m", "--config-name", "config")
    assert line.multirun


def test_showing_the_configuration_runs_nothing() -> None:
    assert not split_arguments(["--cfg", "job", "seed=1"]).runs
    assert not split_arguments(["--info", "config"]).runs
    assert split_arguments(["seed=1"]).runs


def test_an_unknown_flag_is_named() -> None:
    with pytest.raises(ValueError, match=r"unknown option --multi-run; did you mean --multirun\?"):
        split_arguments(["--multi-run", "seed=1"])
