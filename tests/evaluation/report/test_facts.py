from dataclasses import replace

from lightning_skin.evaluation.report.facts import Leak, RunFacts, duration, recipe, shared_classes, splits_of


def test_times_have_two_units_at_most() -> None:
    assert [duration(seconds) for seconds in (4.25, 754.2, 7_265)] == ["4.2 s", "12 min 34 s", "2 h 1 min"]


def test_the_recipe_leaves_out_what_is_not_known(facts: RunFacts) -> None:
    told = dict(recipe(replace(facts, device="", commit="")))
    assert told == {
        "Network": "resnet18 of torchvision",
        "Images": "64 x 64 pixels",
        "Seed": "3",
        "Started": "2026-11-25T09:30:00+0000",
        "Took": "12 min 34 s",
        "Versions": "torch 2.14.1",
    }
    assert recipe(RunFacts(name="table.csv")) == []


def test_only_splits_that_exist_and_leaks_that_are_count(facts: RunFacts) -> None:
    assert splits_of(facts) == ["train", "val", "test"]
    assert splits_of(replace(facts, counts={"mel": {"train": 0, "val": 0, "test": 3}})) == ["test"]
    leak = Leak("train and test", "mel", 0, 0, 1)
    assert shared_classes(replace(facts, leaks=[*facts.leaks, leak, Leak("any two", "mel", 1, 2, 0)])) == [
        leak
    ]
