import re
from html.parser import HTMLParser
from typing import Any

from lightning_skin.evaluation.comparison.page import comparison_page

Document = dict[str, Any]
VOID = {"meta", "br", "wbr"}


class Outline(HTMLParser):
    """Reads a page as a browser does: its text and elements; a tag left open or closed twice is an error."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []
        self.text = re.sub(r"\s+", " ", " ".join(self.words))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_the_page_opens_with_the_verdict_and_shows_every_part(document: Document) -> None:
    page = Outline(comparison_page(document))
    assert page.text.index("B (strong) is better than A (weak) in") < page.text.index("Runs")
    titles = ["Runs", "Differences", "Classes", "Where the confusion moved", "Image by image", "Agreement"]
    places = [page.text.index(f" {title} ") for title in titles]
    assert places == sorted(places)
    assert [one["id"] for one in page.all("h2")] == [
        f"{name}-title"
        for name in ("runs", "differences", "classes", "confusion", "mcnemar", "agreement", "method")
    ]
    assert "outputs/ 0/ test.csv" in page.text
    assert "model=1" in page.text


def test_numbers_of_the_document_stand_in_the_tables(document: Document) -> None:
    page = Outline(comparison_page(document))
    pair = document["pairs"][0]
    found = pair["differences"]["recall_mel"]
    low, high = (f"{end:+.3f}".replace("-", "\N{MINUS SIGN}") for end in found["interval"])
    assert f"{low} to {high}" in page.text
    assert f"κ {pair['agreement']['kappa']:.2f}" in page.text
    test = pair["mcnemar"]
    assert (
        f"{test['both_right']} {test['only_first']} {test['only_second']} {test['both_wrong']}" in page.text
    )
    together = pair["malignant"]
    assert f"Malignant (bkl, mel) against all others: AUROC {together['second']:.3f} against" in page.text
    assert "▲ better" in page.text
    first, second = (document["contenders"][place]["confusion"] for place in (0, 1))
    change = second[1][1] - first[1][1]
    assert change > 0
    assert f"mel {second[1][0] - first[1][0]:.0f}".replace("-", "\N{MINUS SIGN}") in page.text
    assert f"+{change:.0f} (+{100 * change / 20:.1f})" in page.text
    assert "60 of the test split, of 30 lesions" in page.text


def test_tables_can_be_scrolled_and_have_names_and_heads(document: Document) -> None:
    page = Outline(comparison_page(document))
    regions = [one for one in page.all("div") if one.get("role") == "region"]
    assert len(regions) == len(page.all("table"))
    labels = [one["aria-label"] for one in regions]
    assert len(set(labels)) == len(labels)
    assert all("scope" in one for one in page.all("th"))


def test_the_page_asks_nobody_for_anything(document: Document) -> None:
    assert not re.search(r"https?:|url\(|@import|<script", comparison_page(document))


def test_one_alone_has_a_page(lone_document: Document) -> None:
    page = Outline(comparison_page(lone_document))
    assert [one["id"] for one in page.all("h2")] == ["runs-title", "method-title"]
    assert "over its 3 seeds" in page.text


def test_names_are_text(document: Document) -> None:
    contenders = [document["contenders"][0] | {"name": "<b>x</b>"}, *document["contenders"][1:]]
    page = Outline(comparison_page(document | {"contenders": contenders}))
    assert "<b>x</ b>" in page.text
