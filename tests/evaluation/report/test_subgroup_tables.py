import numpy as np

from lightning_skin.evaluation.findings import Findings
from lightning_skin.evaluation.report.subgroup_tables import subgroup_tables
from lightning_skin.evaluation.subgroups import subgroups


def test_small_subgroups_say_so_and_draw_nothing(findings: Findings) -> None:
    report = subgroups(findings.test, ["sex"], min_images=110, seed=0, resamples=50)
    (table,) = subgroup_tables(report, 0.5)
    told = {row[0]: (row[3], span) for row, span in zip(table.rows, table.spans, strict=True)}
    assert told["not known"] == ("n too small", None)
    low, at, high = told["female"][1]
    assert low < at < high
    assert np.isclose(
        at, next(one for one in report.subgroups if one.value == "female").metrics["balanced_accuracy"]
    )
