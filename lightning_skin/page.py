"""HTML pages in one style: all that a page shows is inside it, and it asks no server for anything."""

import re
from base64 import b64encode
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape


def render_page(template: str, **content: object) -> str:
    """Fill a template; all text is escaped.

    Args:
        template: Path below this package. Such a template extends ``templates/base.html.j2``, which brings
            style and layout, and may import ``templates/parts.html.j2``.
        content: What the template names; a name that is missing is an error.

    Returns:
        The page, which any file opened as UTF-8 can hold.
    """
    page = _ENVIRONMENT.get_template(template).render(content).translate(_SPELT_OUT)
    # File names that are no UTF-8 come from the file system with lone surrogates, which no encoder takes.
    return page.encode("utf-8", "backslashreplace").decode()


def render_text(template: str, **content: object) -> str:
    """Fill a template of plain text or Markdown; what may break a table goes through the filter ``cell``.

    Args:
        template: Path below this package.
        content: What the template names; a name that is missing is an error.
    """
    text = _ENVIRONMENT.overlay(autoescape=False).get_template(template).render(content)
    return text.translate(_SPELT_OUT).encode("utf-8", "backslashreplace").decode()


class Script(NamedTuple):
    """A script that a page may run, and no other.

    Attributes:
        text: The script.
        source: What a content security policy calls it.
    """

    text: Markup
    source: str


def inline_script(path: str) -> Script:
    """Read a script to put into a page.

    Args:
        path: Below this package.
    """
    text = (Path(__file__).parent / path).read_text(encoding="utf-8")
    return Script(Markup(text), f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'")


def data_uri(content: bytes, media_type: str) -> str:
    """Return an address that holds the content itself."""
    return f"data:{media_type};base64,{b64encode(content).decode()}"


def _breakable(path: str) -> Markup:
    """Let a path break after its slashes; what is copied from the page stays the path."""
    return escape(path).replace("/", Markup("/<wbr>"))


def _number(value: int) -> str:
    return f"{value:,}"


def _amount(value: int, noun: str) -> str:
    return f"{value:,} {noun if value == 1 else noun + 's'}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}\N{NO-BREAK SPACE}%"


def _cell(text: str) -> str:
    """Text for a line or a table cell of Markdown, whatever it holds."""
    escaped = re.sub(r"([\\`*_\[\]<>|#~])", r"\\\1", " ".join(text.split()))
    return re.sub(r"(?<=\w)\\_(?=\w)", "_", escaped)  # a_b is no emphasis, and reads better


def _moment(created: str) -> str:
    return f"{datetime.fromisoformat(created):%Y-%m-%d %H:%M %Z}".strip()


# Control characters that a browser would hide, or obey by turning the text around them.
_SPELT_OUT = {
    code: f"\\u{code:04x}"
    for code in (*range(0x20), 0x7F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
    if chr(code) not in "\t\n\r"
}

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters.update(
    breakable=_breakable, cell=_cell, number=_number, amount=_amount, percent=_percent, moment=_moment
)
