from lightning_skin.evaluation.findings import Findings
from lightning_skin.evaluation.report.sections import further_sections, threshold_tables
from lightning_skin.evaluation.report.tables import operating_table


def test_every_kind_of_finding_has_its_table(findings: Findings) -> None:
    keys = [table.key for table in threshold_tables(findings)]
    assert keys == ["malignancy", "operating-points"]
    sections = {
        section.key: [table.key for table in section.tables] for section in further_sections(findings)
    }
    assert sections == {
        "probabilities": ["calibration-table"],
        "unsure": ["selective", "conformal"],
        "subgroups": ["subgroups-0", "subgroups-1"],
        "protocols": ["protocol-scores"],
    }
    for table in [
        *threshold_tables(findings),
        *(table for part in further_sections(findings) for table in part.tables),
    ]:
        assert {len(row) for row in table.rows} == {len(table.columns)}, table.key


def test_without_them_there_is_reliability_alone(plain: Findings) -> None:
    assert threshold_tables(plain) == []
    (section,) = further_sections(plain)
    assert (section.key, section.tables, [plot.key for plot in section.plots]) == (
        "probabilities",
        [],
        ["reliability"],
    )


def test_an_operating_point_tells_threshold_rates_and_counts(findings: Findings) -> None:
    (row,) = operating_table(findings.operating_points).rows
    (point,) = findings.operating_points
    share = point.test.sensitivity
    low, high = share.interval
    told = f"{share.value:.3f} [{low:.3f} to {high:.3f}] ({share.count} of {share.total})"
    assert row[1:3] == [f"{point.threshold:.3f}", told]
