from lightning_skin.evaluation.findings import Findings
from lightning_skin.evaluation.out_of_distribution import Detection
from lightning_skin.evaluation.report.unsure_tables import conformal_table, selective_table, unknown_table


def test_accuracy_at_each_coverage_and_what_is_left_out(findings: Findings) -> None:
    found = findings.selective
    table = selective_table(found)
    low, high = found.intervals["accuracy_at_80"]
    assert table.rows[0][1] == f"{found.accuracy_at[0.8]:.3f} [{low:.3f} to {high:.3f}]"
    rarest = min(found.answered[0.8], key=found.answered[0.8].get)
    assert f"hold {100 * found.answered[0.8][rarest]:.0f}\N{NO-BREAK SPACE}% of {rarest}" in table.note


def test_a_class_of_too_few_validation_images_makes_no_promise(findings: Findings) -> None:
    sets = findings.conformal
    told = dict(conformal_table(sets).rows)
    few = set(sets.thresholds.too_few)
    assert few < set(sets.coverage_per_class)
    for name, share in sets.coverage_per_class.items():
        promise = f"({share.count} of {share.total})"
        assert ("too few" in told[name]) == (name in few)
        assert (promise in told[name]) == (name not in few)


def test_scores_that_tell_unknown_images() -> None:
    detection = Detection(0.75, 0.5, {"auroc": (0.7, 0.8), "fpr_at_95_tpr": (0.4, 0.6)}, 100, 20)
    table = unknown_table({"energy": detection})
    assert table.rows == [["Negative energy", "0.750 [0.700 to 0.800]", "0.500 [0.400 to 0.600]"]]
    assert table.text == "100 known images against 20 unknown ones."
