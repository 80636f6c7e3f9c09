import logging
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import pytest

from lightning_skin.data.audit.copies import Copies
from lightning_skin.data.audit.outliers import Outlier
from lightning_skin.data.audit.policies import find_dropped, find_refusals, warn_of_contradictions
from lightning_skin.data.audit.settings import AuditSettings
from lightning_skin.data.duplicates.match import Match

SETTINGS = AuditSettings("skip", "group", "group", "pictures", "keep", "keep", cache_dir=None)
PATHS = ["a.png", "b.png", "c.png", "d.png", "e.png"]


def match(first: int, second: int, kind: str = "picture") -> Match:
    return Match(min(first, second), max(first, second), kind, 0.95, "")


class Found(NamedTuple):
    """What an audit of five images found."""

    copies: Sequence[Copies] = ()
    matches: Sequence[Match] = ()
    contradictions: Sequence[Copies] = ()
    outliers: Sequence[Outlier] = ()


EVERYTHING = Found(
    [Copies("bytes", (0, 1))],
    [match(1, 2)],
    [Copies("near", (1, 2))],
    [Outlier(4, "size", "9 x 9 px", "200 x 150 px")],
)


def dropped(found: Found, labels: str = "nnnnn", **policies: str) -> dict[int, str]:
    return find_dropped(PATHS, list(labels), *found, replace(SETTINGS, **policies))


def test_by_default_nothing_is_dropped() -> None:
    assert dropped(EVERYTHING) == {}


def test_of_copies_the_first_by_path_stays() -> None:
    found = Found(copies=[Copies("pixels", (0, 2, 3))])
    assert dropped(found, copies="drop") == {2: "copy of a.png", 3: "copy of a.png"}


def test_of_copies_under_two_labels_one_of_each_stays() -> None:
    found = Found(copies=[Copies("bytes", (0, 1, 2, 3))])
    assert dropped(found, "nmnmn", copies="drop") == {2: "copy of a.png", 3: "copy of b.png"}


@pytest.mark.parametrize("chain", ["abc", "cba", "bac", "acb"])
def test_of_a_chain_of_near_duplicates_one_stays(chain: str) -> None:
    first, middle, last = ("abc".index(name) for name in chain)
    found = Found(matches=[match(first, middle), match(middle, last)])
    reason = "near-duplicate of a.png"
    assert dropped(found, near_duplicates="drop") == {1: reason, 2: reason}


def test_other_pictures_of_one_lesion_stay() -> None:
    assert dropped(Found(matches=[match(0, 1, "lesion")]), near_duplicates="drop") == {}


def test_the_copies_of_a_dropped_near_duplicate_go_with_it_and_those_of_the_kept_one_stay() -> None:
    found = Found([Copies("bytes", (0, 3)), Copies("bytes", (1, 2))], [match(0, 1)])
    reason = "near-duplicate of a.png"
    assert dropped(found, near_duplicates="drop") == {1: reason, 2: reason}
    assert set(dropped(found, near_duplicates="drop", copies="drop")) == {1, 2, 3}


def test_images_that_contradict_each_other_all_go_and_the_rest_of_the_chain_stays() -> None:
    found = Found(matches=[match(0, 1), match(1, 2)], contradictions=[Copies("near", (0, 1))])
    reason = "stands under several labels"
    assert dropped(found, "mnnnn", contradictions="drop") == {0: reason, 1: reason}
    assert dropped(found, "mnnnn", contradictions="drop", near_duplicates="drop") == {0: reason, 1: reason}


def test_an_outlier_is_dropped_and_says_why() -> None:
    assert dropped(EVERYTHING, outliers="drop") == {4: "unlike the rest in size"}


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("copies", r"there are 1 set\(s\) of identical images: a\.png and b\.png; .* data\.copies=group"),
        (
            "near_duplicates",
            r"1 pair\(s\) of near-duplicates: b\.png and c\.png; .* data\.near_duplicates=group",
        ),
        ("contradictions", r"1 image\(s\) under two labels: b\.png and c\.png; .* data\.contradictions=keep"),
        ("outliers", r"1 image\(s\) unlike the rest: e\.png; .* data\.outliers=keep"),
    ],
)
def test_what_is_not_allowed_is_counted_and_named(key: str, said: str) -> None:
    settings = replace(SETTINGS, **{key: "fail"})
    (refusal,) = find_refusals(PATHS, *EVERYTHING, settings)
    assert re.match(rf"data\.{key}=fail, and .*{said}", refusal)
    assert find_refusals(PATHS, *Found(), settings) == []


def test_each_policy_that_is_broken_is_told_of() -> None:
    everything = replace(
        SETTINGS, copies="fail", near_duplicates="fail", contradictions="fail", outliers="fail"
    )
    assert len(find_refusals(PATHS, *EVERYTHING, everything)) == 4
    assert find_refusals(PATHS, *EVERYTHING, SETTINGS) == []


def test_two_labels_that_are_kept_are_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        warn_of_contradictions(PATHS, [])
        assert not caplog.text
        warn_of_contradictions(PATHS, EVERYTHING.contradictions)
    assert "1 image(s) under two labels, which cannot both be right: b.png and c.png" in caplog.text
