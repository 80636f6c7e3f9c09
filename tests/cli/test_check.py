from typing import Any

import pytest

from lightning_skin.cli.check import describe, find_problems
from lightning_skin.cli.rules import RULES


def nested(key: str, value: Any) -> dict[str, Any]:
    for name in reversed(key.split(".")):
        value = {name: value}
    return value


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("seed", [0, 4294967295]),
        ("monitor", ["val/balanced_accuracy"]),
        ("model.dropout", [0, 0.99]),
        ("model.optimizer.lr", [1, 1e-6]),
        ("model.optimizer.fused", [None, True]),
        ("model.loss.class_weights", ["none", "balanced", {"mel": 3, "nv": 0.5}]),
        ("data.fractions", [[0.7, 0.1, 0.2], [0.98, 0.01, 0.01]]),
        ("data.num_workers", [0, None]),
        ("trainer.devices", ["auto", 1, -1, [0, 1], "0,1"]),
        ("trainer.precision", ["auto", "bf16-mixed", 32]),
        ("trainer.max_epochs", [1, -1]),
        ("trainer.max_time", [None, "00:01:30:00"]),
        ("trainer.limit_train_batches", [None, 1, 0.5, 1.0]),
        ("trainer.deterministic", [None, True, "warn"]),
        ("trainer.fast_dev_run", [False, 3]),
        ("own.key", ["anything", None]),
    ],
)
def test_values_in_range_pass(key: str, values: list[Any]) -> None:
    assert [problem for value in values for problem in find_problems(nested(key, value))] == []


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("seed", [-1, 2**32, 1.5, "1", True, None, {"a": 1}]),
        ("monitor", ["balanced_accuracy", "test/accuracy", ""]),
        ("model.dropout", [1.5, 1, -0.1, "abc", True, None, float("nan")]),
        ("model.optimizer.lr", [0, -1, "abc", float("inf"), float("nan")]),
        ("model.loss.class_weights", ["foo", None, {"mel": 0}, {"mel": "a"}]),
        ("model.loss.label_smoothing", [1, 1.0, -0.1]),
        ("data.fractions", [[0.5, 0.2], [0.5, 0.5, 0.5], [1.2, -0.2, 0], [0.7, 0.1, 0.19999], 0.7]),
        ("data.batch_size", [0, 2.5, -1, "8", None]),
        ("data.image_size", [-1, 0, 7, 5000, 64.0]),
        ("data.on_broken", ["maybe", None]),
        ("data.root", ["", 3]),
        ("trainer.devices", [0, "cpu", [-1]]),
        ("trainer.precision", ["bf17", 8, True]),
        ("trainer.max_epochs", [0, -2, 1.5]),
        ("trainer.limit_train_batches", [0, 1.5, -1, True]),
        ("trainer.max_time", ["01:30", 5]),
        ("explain.max_images", [0, -1]),
        ("explain.method", ["gradcm"]),
    ],
)
def test_values_out_of_range_or_of_another_type_are_named(key: str, values: list[Any]) -> None:
    for value in values:
        (problem,) = find_problems(nested(key, value))
        assert problem.startswith(f"{key} is ")
        assert ", expected " in problem


def test_the_sentence_names_key_value_and_what_is_accepted() -> None:
    config = {"model": {"dropout": 1.5}, "data": {"num_workers": -1}, "explain": {"method": "gradcm"}}
    dropout, workers, method = find_problems(config)
    assert dropout == "model.dropout is 1.5, expected a number in [0, 1)"
    assert workers == "data.num_workers is -1, expected an integer of at least 0 or null"
    assert method.endswith("eigencam; did you mean gradcam?")


@pytest.mark.parametrize(
    ("value", "said"),
    [(True, "seed is true,"), (None, "seed is null,"), ("", "seed is empty,")],
)
def test_a_value_is_shown_as_it_is_typed(value: object, said: str) -> None:
    assert find_problems({"seed": value})[0].startswith(said)


def test_a_mandatory_key_that_is_not_set_says_what_to_add() -> None:
    assert find_problems(nested("data.root", "???")) == ["data.root is not set: add data.root=FOLDER"]


def test_interpolations_and_references_of_the_mode_are_left_to_where_they_point() -> None:
    assert find_problems({"data": {"seed": "${seed}"}, "mode": {"seed": -1, "data": "???"}}) == []


def test_a_value_in_place_of_a_group_is_named() -> None:
    assert find_problems({"trainer": None}) == ["trainer is null, expected a group of keys"]


@pytest.mark.parametrize("key", RULES)
def test_every_rule_can_be_said_in_one_line(key: str) -> None:
    said = describe(RULES[key])
    assert said
    assert "\n" not in said
