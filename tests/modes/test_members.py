"""What ckpt_path means to mode=test."""

import json
from pathlib import Path

import pytest

from lightning_skin.errors import InputError
from lightning_skin.modes.members import find_members, names_of


def make_run(folder: Path, status: str = "finished") -> Path:
    """A run folder with an empty checkpoint; its best one."""
    best = folder / "checkpoints" / "best.ckpt"
    best.parent.mkdir(parents=True)
    best.touch()
    (folder / "run.json").write_text(json.dumps({"status": status}))
    return best


@pytest.fixture
def sweep(tmp_path: Path) -> Path:
    for number in (10, 9, 2):
        make_run(tmp_path / "sweep" / str(number))
    return tmp_path / "sweep"


def test_one_run_is_its_best_checkpoint(tmp_path: Path) -> None:
    best = make_run(tmp_path / "run")
    assert find_members(str(tmp_path / "run")) == [best]
    assert find_members([str(best)]) == [best]


def test_a_list_keeps_its_order(tmp_path: Path) -> None:
    found = [make_run(tmp_path / name) for name in ("z", "a")]
    assert find_members([str(tmp_path / "z"), str(found[1])]) == found


def test_a_sweep_is_its_runs_in_the_order_of_their_numbers(sweep: Path) -> None:
    assert find_members(str(sweep)) == [
        sweep / number / "checkpoints" / "best.ckpt" for number in ("2", "9", "10")
    ]


def test_unfinished_runs_of_a_sweep_are_left_out_with_a_warning(
    sweep: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make_run(sweep / "3", status="failed")
    (sweep / "4").mkdir()
    assert len(find_members(str(sweep))) == 3
    assert f"1 run(s) of {sweep} did not finish and are left out: 3" in caplog.text


def test_a_sweep_without_a_finished_run_is_refused(tmp_path: Path) -> None:
    make_run(tmp_path / "sweep" / "0", status="interrupted")
    with pytest.raises(InputError, match=r"holds 1 run\(s\), of which none has finished"):
        find_members(str(tmp_path / "sweep"))


@pytest.mark.parametrize("again", ["sweep/9", "sweep/9/checkpoints/best.ckpt", "sweep/../sweep/9"])
def test_a_checkpoint_named_twice_is_refused(sweep: Path, again: str) -> None:
    with pytest.raises(InputError, match=r"names .*/9/checkpoints/best\.ckpt twice"):
        find_members([str(sweep), str(sweep.parent / again)])


def test_bad_paths_are_named(tmp_path: Path) -> None:
    make_run(tmp_path / "run")
    with pytest.raises(InputError, match="ckpt_path is an empty list"):
        find_members([])
    with pytest.raises(InputError, match="gone does not exist"):
        find_members([str(tmp_path / "run"), str(tmp_path / "gone")])
    with pytest.raises(InputError, match="ckpt_path is not set"):
        find_members(None)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"holds no checkpoints/best\.ckpt"):
        find_members(str(tmp_path / "empty"))


def test_names_are_as_short_as_they_can_be() -> None:
    runs = [Path("/top/a/0/checkpoints/best.ckpt"), Path("/top/b/0/checkpoints/best.ckpt")]
    assert names_of(runs) == ["a/0", "b/0"]
    assert names_of(runs[:1]) == ["/top/a/0"]
    assert names_of([Path("a/0/checkpoints/best.ckpt"), Path.cwd() / "b.ckpt"]) == ["a/0", "b.ckpt"]
    assert names_of([Path("/a/0/checkpoints/best.ckpt"), Path("/b.ckpt")]) == ["/a/0", "/b.ckpt"]
    of_one_run = [runs[0], runs[0].with_name("last.ckpt")]
    assert names_of(of_one_run) == ["0", "0/checkpoints/last.ckpt"]
