import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import numpy as np
import pytest

from lightning_skin.errors import InputError
from lightning_skin.evaluation.findings import Findings
from lightning_skin.evaluation.report.facts import Leak, RunFacts
from lightning_skin.evaluation.report.page import report_page
from lightning_skin.evaluation.summary import evaluate
from lightning_skin.page import inline_script

Picture = Callable[[str], bytes]

VOID = {"meta", "img", "br", "wbr", "input"}
INLINE = {"wbr", "code", "strong", "span"}


class Outline(HTMLParser):
    """Reads a page as a browser does: its text, its elements; a tag left open or closed twice is an error."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.scripts: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []
        self.text = re.sub(r"\s+", " ", "".join(self.words))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in INLINE:
            self.words.append(" ")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["script"]:
            self.scripts.append(data)
        elif "style" not in self.open:
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def page(findings: Findings, facts: RunFacts, picture: Picture) -> str:
    return report_page(findings, facts, picture)


def test_the_page_asks_nothing_from_anywhere_and_runs_its_own_script_only(page: str) -> None:
    outline = Outline(page)
    addresses = [
        value
        for _, attributes in outline.elements
        for name in ("src", "href", "srcset")
        if (value := attributes.get(name))
    ]
    assert all(address.startswith(("#", "data:image/jpeg;base64,")) for address in addresses)
    assert not re.search(r"url\(|@import|https?:", page)
    (policy,) = [one["content"] for one in outline.all("meta") if one.get("http-equiv")]
    script = inline_script("evaluation/report/page.js")
    assert (
        policy == f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src {script.source}"
    )
    assert outline.scripts[-1] == script.text


def test_it_opens_with_the_verdict_and_tells_all_parts(page: str) -> None:
    text = Outline(page).text
    assert (
        text.index("How good") < text.index("How sure") < text.index("Where it fails") < text.index("Figures")
    )
    for told in (
        "Balanced accuracy mean recall of the classes",
        "Majority guess Prior guess",
        "Operating points",
        "Temperature scaling",
        "Accuracy on the surest 80 %",
        "Sets of classes",
        "n too small",
        "isic2018: balanced accuracy 0.500",
        "SHA-256 " + "9f2c" * 16,
        "CC-BY-NC (240 images)",
        "no lesion or patient, and no copy of an image, is in two splits",
        "12 min 34 s",
        "python scripts/run.py data=folder",
        "name: resnet18",
        "best one by val/balanced_accuracy",
        "Skin tone is not recorded",
    ):
        assert told in text, told


def test_the_views_are_there_for_the_script(page: str) -> None:
    views = json.loads(Outline(page).scripts[0])
    assert [view["name"] for view in views] == ["malignant (bcc, mel)", "bcc", "mel", "nv"]


def test_every_link_within_the_page_has_its_place(page: str) -> None:
    outline = Outline(page)
    identifiers = [attributes["id"] for _, attributes in outline.elements if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))
    targets = {str(link["href"])[1:] for link in outline.all("a")}
    titles = {str(section["aria-labelledby"]) for section in outline.all("section")}
    labels = {str(label["for"]) for label in outline.all("label")}
    assert len(targets) == 14
    assert targets | titles | labels <= set(identifiers)


def test_headings_headers_and_pictures_are_told(page: str) -> None:
    outline = Outline(page)
    levels = [int(tag[1]) for tag, _ in outline.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(header.get("scope") in {"col", "row"} for header in outline.all("th"))
    assert all(image["alt"] for image in outline.all("img"))
    drawings = [svg for svg in outline.all("svg") if svg.get("aria-hidden") != "true"]
    assert all(svg["role"] == "img" and svg["aria-label"] for svg in drawings)


def test_a_table_of_another_tool_has_a_page_too(plain: Findings) -> None:
    def nothing(name: str) -> bytes:
        raise InputError(f"{name} does not exist")

    outline = Outline(report_page(plain, RunFacts(name="table.csv"), nothing))
    assert outline.all("img") == []
    assert "not shown" in outline.text
    assert "the predictions came without a run" in outline.text
    assert "Shared between splits Not known." in outline.text
    assert not {"subgroups", "unsure", "protocols", "training"} & {
        str(section.get("id")) for section in outline.all("section")
    }


def test_leaks_are_a_table(findings: Findings, facts: RunFacts, picture: Picture) -> None:
    leaks = [*facts.leaks, Leak("train and test", "mel", 3, 17, 1)]
    text = Outline(report_page(findings, replace(facts, leaks=leaks), picture)).text
    assert "train and test mel 3 17 1" in text


def test_names_from_outside_are_escaped(plain: Findings, picture: Picture) -> None:
    evil = "</script><script>alert('x')</script>\"onerror=\"&"
    names = (evil, "mel", "nv")
    images = np.array([f"{evil}{index}" for index in range(240)])
    test = replace(plain.test, class_names=names, images=images)
    evil_facts = RunFacts(name=evil, started=evil, data=evil, config=evil, recipe={evil: evil})
    outline = Outline(
        report_page(Findings(test=test, evaluation=evaluate(test, seed=0)), evil_facts, picture)
    )
    assert len(outline.all("script")) == 2
    assert not any("onerror" in attributes for _, attributes in outline.elements)
    assert json.loads(outline.scripts[0])[0]["name"] == evil
    assert evil in outline.text


def test_a_flawless_classifier_has_no_mistakes(plain: Findings, picture: Picture) -> None:
    probabilities = np.eye(3)[plain.test.labels]
    test = replace(plain.test, probabilities=probabilities, log_sum_exp=None)
    page = report_page(Findings(test=test, evaluation=evaluate(test, seed=0)), RunFacts(name="r"), picture)
    assert "None: every test image is guessed rightly." in Outline(page).text


def test_pictures_never_make_it_larger_than_5_megabytes(plain: Findings) -> None:
    """Thumbnails as large as they get."""
    page = report_page(plain, RunFacts(name="r"), lambda name: name.encode() + bytes(60_000))
    assert 3e6 < len(page.encode()) < 5e6
    assert "not shown" in page
