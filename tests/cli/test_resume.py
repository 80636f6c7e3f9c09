import json
from pathlib import Path

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from lightning_skin.cli.resume import absolute_overrides, find_replayed
from lightning_skin.errors import InputError

RECORDED = [
    "seed=1",
    "model=resnet18",
    "+a.b=2",
    "mode=fit",
    "ckpt_path=old",
    "hydra.run.dir=x",
    "hydra/launcher=y",
]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The folder of a run with a record and a checkpoint."""
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "last.ckpt").touch()
    (tmp_path / "run.json").write_text(json.dumps({"overrides": RECORDED}))
    return tmp_path


def test_overrides_of_the_run_come_back_without_mode_checkpoint_and_hydra(run: Path) -> None:
    assert find_replayed([f"ckpt_path={run}"]) == ("seed=1", "model=resnet18", "+a.b=2")


def test_a_checkpoint_leads_to_the_folder_of_its_run(run: Path) -> None:
    replayed = find_replayed([f"ckpt_path={run}/checkpoints/last.ckpt"])
    assert replayed == ("seed=1", "model=resnet18", "+a.b=2")


@pytest.mark.parametrize(
    ("again", "left"),
    [
        (["seed=5"], ("model=resnet18", "+a.b=2")),
        (["++seed=5", "model=resnet50"], ("+a.b=2",)),
        (["~a.b"], ("seed=1", "model=resnet18")),
    ],
    ids=str,
)
def test_what_is_set_anew_is_not_repeated(run: Path, again: list[str], left: tuple[str, ...]) -> None:
    assert find_replayed([*again, f"ckpt_path={run}"]) == left


@pytest.mark.parametrize("mode", ["test", "explain"])
def test_other_modes_repeat_nothing(run: Path, mode: str) -> None:
    assert find_replayed([f"mode={mode}", f"ckpt_path={run}"]) == ()


@pytest.mark.parametrize(
    "overrides", [[], ["seed=1"], ["ckpt_path=null"], ["ckpt_path=nowhere"], ["ckpt_path="]]
)
def test_a_fresh_run_repeats_nothing(overrides: list[str]) -> None:
    assert find_replayed(overrides) == ()


@pytest.mark.parametrize("text", ["{", "[]", '{"seed": 1}', '{"overrides": 3}'])
def test_a_damaged_record_is_named(run: Path, text: str) -> None:
    (run / "run.json").write_text(text)
    with pytest.raises(InputError, match=r"run\.json is no record of a run"):
        find_replayed([f"ckpt_path={run}"])


def test_paths_that_exist_become_absolute_and_survive_the_grammar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names = ["plain", "with blank", "it's", "a=b,c"]
    for name in names:
        (tmp_path / name).mkdir()
    given = ["data.root=plain", "data.root='with blank'", r"data.root='it\'s'", "data.root='a=b,c'"]
    parser = OverridesParser.create()
    values = [parser.parse_override(text).value() for text in absolute_overrides(given)]
    assert values == [str(tmp_path / name) for name in names]


def test_other_overrides_stay_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "resnet50").mkdir()
    given = (
        "model=resnet50",
        "model.weights=IMAGENET1K_V2",
        "data.root=null",
        "data.metadata=",
        "model.dropout=0",
    )
    assert absolute_overrides(given) == given


@pytest.mark.parametrize("key", ["data.stream", "data.cache_dir", "data.root"])
def test_a_folder_that_the_run_makes_becomes_absolute(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/somebody")
    assert absolute_overrides([f"{key}=new/store", f"{key}='~/store'"]) == (
        f"{key}={tmp_path}/new/store",
        f"{key}=/home/somebody/store",
    )


def test_an_address_stays_as_it_is() -> None:
    assert absolute_overrides(["data.stream=s3://bucket/skin"]) == ("data.stream=s3://bucket/skin",)


@pytest.mark.parametrize("key", ["data.metadata", "data.table", "data.split_file"])
def test_tables_become_absolute(key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "table.csv").touch()
    assert absolute_overrides([f"{key}=table.csv"]) == (f"{key}={tmp_path}/table.csv",)


def test_weights_that_are_a_file_become_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "weights.pt").touch()
    assert absolute_overrides(["model.weights=weights.pt"]) == (f"model.weights={tmp_path}/weights.pt",)
