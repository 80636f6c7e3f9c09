import numpy as np
import pytest
from numpy.random import default_rng

from lightning_skin.data.synthetic.metadata import SITE_SHARES, draw_record

RECORDS = [draw_record(default_rng(seed)) for seed in range(1000)]


def test_ages_are_multiples_of_five_and_seldom_unknown() -> None:
    known = np.array([record.age for record in RECORDS if record.age is not None])
    assert set(known % 5) == {0}
    assert (known.min(), known.max()) == (5, 85)
    assert 0.98 < len(known) / len(RECORDS) < 1


def test_shares_of_sites_add_up_and_are_those_drawn() -> None:
    assert sum(SITE_SHARES.values()) == pytest.approx(1)
    sites = [record.localization for record in RECORDS]
    assert sites.count("back") / len(sites) == pytest.approx(SITE_SHARES["back"], abs=0.04)
    assert set(sites) == set(SITE_SHARES)


def test_sexes_and_sources_are_named_as_in_ham10000() -> None:
    assert {record.sex for record in RECORDS} == {"male", "female", "unknown"}
    assert {record.dx_type for record in RECORDS} == {"histo", "follow_up", "consensus", "confocal"}
