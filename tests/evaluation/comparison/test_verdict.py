from typing import Any

from lightning_skin.evaluation.comparison.verdict import p_text, verdicts, word

Document = dict[str, Any]


def test_a_clear_difference_is_named_with_its_numbers(document: Document) -> None:
    metrics = [contender["metrics"]["balanced_accuracy"] for contender in document["contenders"]]
    found = document["pairs"][0]["differences"]["balanced_accuracy"]
    low, high = found["interval"]
    assert verdicts(document)[0].startswith(
        "B (strong) is better than A (weak) in balanced accuracy: "
        f"{metrics[1]:.3f} against {metrics[0]:.3f}, +{metrics[1] - metrics[0]:.3f} "
        f"[+{low:.3f}, +{high:.3f}], p = {found['p_holm']:.3f} after Holm."
    )
    assert len(verdicts(document)) == 2


def test_a_long_name_leaves_its_letter(document: Document) -> None:
    contenders = [one | {"name": "x" * 41} for one in document["contenders"]]
    assert verdicts(document | {"contenders": contenders})[0].startswith("B is better than A in")


def test_chance_is_not_called_a_difference_and_what_is_clear_is_listed(document: Document) -> None:
    (pair, _), found = document["pairs"], document["pairs"][0]["differences"]["balanced_accuracy"]
    others = {
        "ece": {"value": 0.1, "p_holm": 0.01},
        "recall_mel": {"value": 0.25, "p_holm": 0.04},
        "recall_nv": {"value": -0.5, "p_holm": 0.06},
        "auroc_mel": {"value": 0.5},
    }
    unsure = pair | {"differences": {"balanced_accuracy": found | {"p_holm": 0.05}, **others}}
    (sentence,) = verdicts(document | {"pairs": [unsure]})
    assert sentence.endswith(". Also clear: better Recall of mel (+0.250); worse Calibration error (+0.100).")
    assert sentence.startswith("Whether B (strong) or A (weak) is better in balanced accuracy cannot")


def test_of_losses_less_is_better() -> None:
    more = {"value": 0.1, "p_holm": 0.01}
    assert (word("accuracy", more), word("ece", more)) == ("better", "worse")
    assert word("nll", {"value": -0.1, "p_holm": 0.01}) == "better"
    assert word("accuracy", {"value": 0.1, "p_holm": 0.05}) == ""
    assert word("accuracy", {"value": None, "p_holm": None}) == ""


def test_one_alone_is_described(lone_document: Document) -> None:
    (sentence,) = verdicts(lone_document)
    metrics = lone_document["contenders"][0]
    mean, deviation = (metrics[f"{of}_over_runs"]["balanced_accuracy"] for of in ("mean", "deviation"))
    assert sentence.endswith(f"; {mean:.3f} ± {deviation:.3f} over its 3 seeds.")


def test_p_values_are_not_shown_as_0() -> None:
    assert [p_text(value) for value in (0.0004, 0.001, 0.04567, 1.0, None)] == [
        "< 0.001",
        "= 0.001",
        "= 0.046",
        "= 1.000",
        "undefined",
    ]
