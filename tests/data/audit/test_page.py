import base64
import copy
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from threading import Lock
from typing import Any

import pytest

from lightning_skin.data.audit.page import audit_page
from lightning_skin.data.audit.thumbnails import thumbnail
from lightning_skin.data.synthetic.generate import synthesise
from lightning_skin.errors import InputError

Audit = dict[str, Any]
Entry = Callable[..., dict[str, Any]]

VOID = {"meta", "img", "br", "wbr"}
INLINE = {"wbr", "code", "strong"}


class Outline(HTMLParser):
    """Reads a page as a browser does: its text, its elements; a tag left open or closed twice is an error."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
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
        if "style" not in self.open:
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def picture(path: str) -> bytes:
    return f"picture of {path}".encode()


def read(audit: Audit) -> Outline:
    return Outline(audit_page(audit, picture))


@pytest.fixture
def full(audit: Audit, image: Entry, near: Entry) -> Audit:
    """Something of every kind."""
    mel, nv = image("mel/a.jpg", "mel", "train", "HAM_1"), image("nv/b.jpg", "nv", "test", "HAM_2")
    typical = {"kind": "size", "value": "64 x 48 px", "typical": "600 x 450 px"}
    audit |= {
        "broken": [{"path": "mel/empty.jpg", "label": "mel", "reason": "the file is empty"}],
        "copies": [{"kind": "bytes", "images": [mel, nv]}],
        "near_duplicates": [near(mel, nv, similarity=0.9834)],
        "contradictions": [{"images": [mel, nv], "labels": ["mel", "nv"], "kind": "near"}],
        "outliers": [{"path": "nv/small.jpg", "label": "nv", **typical}],
        "small_classes": [{"label": "df", "images": 12, "groups": 4, "advice": "merge it"}],
        "licences": [{"licence": "CC-BY-NC", "images": 9000}],
        "not_images": ["notes.txt"],
        "dropped": [{"path": "nv/c.jpg", "reason": "near-duplicate of nv/b.jpg"}],
    }
    return audit


def test_the_page_asks_nothing_from_anywhere(full: Audit) -> None:
    page = audit_page(full, picture)
    outline = Outline(page)
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in outline.elements}
    addresses = [
        value
        for _, attributes in outline.elements
        for name in ("src", "href", "srcset")
        if (value := attributes.get(name))
    ]
    assert addresses
    assert all(address.startswith(("#", "data:image/jpeg;base64,")) for address in addresses)
    assert not re.search(r"url\(|@import", page)
    assert "default-src 'none'" in page


def test_everything_of_the_document_is_told(full: Audit) -> None:
    text = read(full).text
    for told in (
        "/data/clinic",
        "2026-11-25 02:00 UTC, in 41.2 s",
        "9f2c" * 16,
        "1,200 found, 1,200 read, 1 of them left out by a policy",
        "mel/empty.jpg",
        "the file is empty",
        "similarity 0.983",
        "turned by 90 degrees, cropped · grouped · labels differ · splits differ",
        "lesion HAM_1",
        "mel or nv",
        "size 64 x 48 px",
        "typical 600 x 450 px",
        "merge it",
        "CC-BY-NC 9,000",
        "1 other file in the folder",
        "near-duplicate of nv/b.jpg",
        "data.near_duplicates=drop",
        "lightning_skin 0.1.0",
    ):
        assert told in text


def test_the_class_table_holds_counts_shares_and_totals(audit: Audit) -> None:
    text = read(audit).text.replace("\N{NO-BREAK SPACE}", " ")
    assert "mel 200 16.7 % 100 140 70.0 % 16 8.0 % 44 22.0 %" in text
    assert "All 1,200 100.0 % 600 830 69.2 % 126 10.5 % 244 20.3 %" in text
    assert "mel in val, by \N{MINUS SIGN}2.5 percentage points" in text


def test_every_link_within_the_page_has_its_place(full: Audit) -> None:
    outline = read(full)
    identifiers = [attributes["id"] for _, attributes in outline.elements if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))
    targets = {str(link["href"])[1:] for link in outline.all("a")}
    titles = {str(section["aria-labelledby"]) for section in outline.all("section")}
    assert len(targets) == 8
    assert targets | titles <= set(identifiers)


def test_every_header_has_a_scope_and_every_picture_a_text(full: Audit) -> None:
    outline = read(full)
    assert outline.all("th")
    assert all(header.get("scope") in {"col", "row", "colgroup"} for header in outline.all("th"))
    pictures = outline.all("img")
    assert len(pictures) == 6  # one of the copies, two and two of the pairs, one outlier
    assert pictures[0]["alt"] == "Image mel/a.jpg, labelled mel"


def test_sections_without_findings_are_one_line(audit: Audit) -> None:
    outline = read(audit)
    assert "No two files hold the same bytes or the same pixels." in outline.text
    assert "Every image could be decoded to its end." in outline.text
    assert outline.all("img") == []
    assert "look Left" not in outline.text
    assert len(outline.all("table")) == 4  # verdict, classes, the proof of no leak, policies


def test_a_leak_is_marked_and_its_table_open(audit: Audit) -> None:
    audit["leakage"][1] |= {"groups": 3, "images": 17}
    audit["shared"] |= {"groups": 3, "images": 17}
    outline = read(audit)
    assert outline.text.count("decide Shared by two splits: 3 groups, 17 images") == 1
    assert outline.all("details") == []


def test_names_from_outside_are_escaped(full: Audit, image: Entry) -> None:
    evil = "<script>alert('x')</script>\"onerror=\"&.jpg"
    hostile = image(evil, evil, "test", evil + "group")
    full["near_duplicates"][0]["images"] = [hostile, hostile]
    full |= {
        "root": f"/data/{evil}",
        "broken": [{"path": evil, "label": evil, "reason": evil}],
        "not_images": [evil],
        "licences": [{"licence": evil, "images": 1}],
        "dropped": [{"path": evil, "reason": evil}],
    }
    outline = read(full)
    assert outline.all("script") == []
    assert not any("onerror" in attributes for _, attributes in outline.elements)
    assert evil in outline.text
    assert f"Image {evil}, labelled {evil}" in {shown["alt"] for shown in outline.all("img")}


def test_names_that_would_mislead_or_break_the_file_are_spelt_out(full: Audit, tmp_path: Path) -> None:
    full["broken"][0]["path"] = "nv/\u202egpj.exe\x1b\udce9 é"
    page = audit_page(full, picture)
    (tmp_path / "audit.html").write_text(page, encoding="utf-8")
    assert r"nv/\u202egpj.exe\u001b\udce9 é" in Outline(page).text


def test_the_most_doubtful_pairs_come_first(audit: Audit, image: Entry, near: Entry) -> None:
    a, b, other = image("a.jpg"), image("b.jpg"), image("c.jpg", "mel")
    audit["near_duplicates"] = [
        near(a, b, similarity=0.999, action="already in one group"),
        near(a, b, similarity=0.95),
        near(a, b, similarity=0.97),
        near(a, other, similarity=0.91),
    ]
    assert re.findall(r"similarity (0\.\d+)", read(audit).text) == ["0.910", "0.950", "0.970", "0.999"]


def test_of_many_pairs_both_ends_are_shown(audit: Audit, image: Entry, near: Entry) -> None:
    pairs = [near(image(f"{i}.jpg"), image(f"{i}b.jpg"), similarity=0.5 + i / 1000) for i in range(220)]
    audit["near_duplicates"] = pairs[110:] + pairs[:110]
    shown = [
        round(1000 * float(value)) - 500 for value in re.findall(r"similarity (0\.\d+)", read(audit).text)
    ]
    assert shown == [*range(150), *range(219, 169, -1)]


def test_pairs_are_ranked_among_their_kind(audit: Audit, image: Entry, near: Entry) -> None:
    pictures = [near(image("a.jpg"), image(f"p{i}.jpg"), similarity=0.9 + i / 100) for i in range(3)]
    lesions = [
        {**near(image("a.jpg"), image(f"l{i}.jpg"), similarity=0.3 + i / 10), "kind": "lesion"}
        for i in range(3)
    ]
    audit["near_duplicates"] = lesions[::-1] + pictures
    found = re.findall(r"similarity (0\.\d+)", read(audit).text)
    assert [set(found[:2]), set(found[4:])] == [{"0.300", "0.900"}, {"0.500", "0.920"}]


def test_long_lists_say_how_much_is_left_out(audit: Audit, image: Entry, near: Entry) -> None:
    audit["broken"] = [
        {"path": f"nv/{i}.jpg", "label": "nv", "reason": "the file is empty"} for i in range(10_000)
    ]
    audit["near_duplicates"] = [near(image(f"{i}.jpg"), image(f"{i}b.jpg")) for i in range(250)]
    outline = read(audit)
    assert "100 of 10,000 files shown" in outline.text
    assert "200 of 250 pairs shown" in outline.text
    assert outline.text.count("the file is empty") == 100
    assert len(outline.all("img")) == 400
    assert "For comparison, 50 pairs of the most similar" in outline.text
    assert {"88 more files", "138 more pairs"} <= set(re.findall(r"\d+ more \w+", outline.text))


def test_a_set_of_many_copies_shows_each_label(audit: Audit, image: Entry) -> None:
    images = [image(f"nv/{i}.jpg") for i in range(9)] + [image("mel/z.jpg", "mel")]
    audit["contradictions"] = [{"images": images, "labels": ["mel", "nv"], "kind": "pixels"}]
    outline = read(audit)
    assert [shown["alt"] for shown in outline.all("img")] == [
        "Image nv/0.jpg, labelled nv",
        "Image mel/z.jpg, labelled mel",
        "Image nv/1.jpg, labelled nv",
        "Image nv/2.jpg, labelled nv",
    ]
    assert "and 6 more" in outline.text


def test_each_image_is_drawn_once_and_one_that_vanished_is_said_so(
    audit: Audit, image: Entry, near: Entry
) -> None:
    audit["near_duplicates"] = [near(image("a.jpg"), image("b.jpg")), near(image("a.jpg"), image("gone.jpg"))]
    drawn: list[str] = []
    lock = Lock()

    def draw(path: str) -> bytes:
        with lock:
            drawn.append(path)
        if path == "gone.jpg":
            raise InputError("gone.jpg does not exist")
        return picture(path)

    outline = Outline(audit_page(audit, draw))
    assert sorted(drawn) == ["a.jpg", "b.jpg", "gone.jpg"]
    sources = [str(shown["src"]).partition(",")[2] for shown in outline.all("img")]
    assert [base64.b64decode(source).decode() for source in sources] == [
        "picture of a.jpg",
        "picture of b.jpg",
        "picture of a.jpg",
    ]
    assert outline.text.count("cannot be shown") == 1


def test_an_image_that_is_its_own_group_names_no_lesion(audit: Audit, image: Entry, near: Entry) -> None:
    audit["near_duplicates"] = [near(image("a.jpg"), image("b.jpg", group="HAM_7"))]
    assert re.findall(r"train lesion (\S+)", read(audit).text) == ["HAM_7"]


def test_the_document_is_left_as_it_was(full: Audit) -> None:
    before = copy.deepcopy(full)
    assert audit_page(full, picture) == audit_page(full, picture)
    assert full == before


def test_200_pairs_of_lesions_stay_below_8_megabytes(
    tmp_path: Path, audit: Audit, image: Entry, near: Entry
) -> None:
    root = synthesise(tmp_path, lesions=4, size=450, seed=0)
    names = sorted(path.relative_to(root).as_posix() for path in root.rglob("*.jpg"))
    pairs = [(names[i % len(names)], names[(i + 1) % len(names)]) for i in range(200)]
    audit["near_duplicates"] = [near(image(first), image(second)) for first, second in pairs]
    page = audit_page(audit, lambda path: thumbnail(root / path))
    assert page.count("data:image/jpeg") == 400
    assert len(page) < 8e6
