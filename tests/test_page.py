import base64
import hashlib
import re

import pytest
from jinja2 import UndefinedError

from lightning_skin.page import _ENVIRONMENT, data_uri, inline_script, render_page

cell = _ENVIRONMENT.filters["cell"]
BASE = "templates/base.html.j2"
TEXTS = ("text", "muted", "accent", "clear", "look", "decide")


def colours(style: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): #([0-9a-f]{6})", style))


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_black_on_white_is_21() -> None:
    assert contrast("000000", "ffffff") == pytest.approx(21)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_whatever_it_lies_on(scheme: str) -> None:
    light, dark = re.findall(r":root \{(.*?)\}", render_page(BASE), re.DOTALL)[:2]
    palette = colours(light) | (colours(dark) if scheme == "dark" else {})
    lying = [(text, ground) for text in TEXTS for ground in ("paper", "surface")]
    lying += [("muted", "well"), ("look", "look-well"), ("decide", "decide-well")]
    ratios = {pair: contrast(palette[pair[0]], palette[pair[1]]) for pair in lying}
    assert min(ratios.values()) >= 4.5, ratios


def test_the_base_forbids_every_request() -> None:
    page = render_page(BASE)
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in page
    assert not re.search(r"https?:|url\(|@import|<script", page)


def test_a_name_that_the_template_needs_is_not_forgotten() -> None:
    with pytest.raises(UndefinedError, match="'name' is undefined"):
        render_page("data/audit/page.html.j2")


def test_a_data_uri_holds_the_content() -> None:
    assert data_uri(b"abc", "image/jpeg") == "data:image/jpeg;base64,YWJj"


def test_a_script_is_allowed_by_its_hash() -> None:
    script = inline_script("evaluation/report/page.js")
    digest = base64.b64encode(hashlib.sha256(str(script.text).encode()).digest()).decode()
    assert script.source == f"'sha256-{digest}'"


def test_cells_of_markdown_keep_names_from_breaking_the_table() -> None:
    assert cell("a|b\n c") == r"a\|b c"
    assert cell("*[x](y)* `z` <b>") == r"\*\[x\](y)\* \`z\` \<b\>"
    assert cell("mel_in_situ _x_") == r"mel_in_situ \_x\_"
