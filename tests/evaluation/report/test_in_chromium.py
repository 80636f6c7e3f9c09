"""The page in a real browser, which is spoken to over a pipe (Chrome DevTools Protocol)."""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lightning_skin.evaluation.findings import Findings
from lightning_skin.evaluation.report.facts import RunFacts
from lightning_skin.evaluation.report.page import RATES, report_page
from lightning_skin.evaluation.summary import evaluate

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
SECONDS = 60
CLASSES = ("bcc", "mel", "nv")
WIDTHS = {"desktop": 1280, "phone": 360}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]


class Browser:
    """A headless Chromium with one page."""

    def __init__(self, profile: Path) -> None:
        ours, theirs = os.pipe(), os.pipe()
        # High numbers, so that the shell does not overwrite one end with the other.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 20) for end in (ours[0], theirs[1])]
        options = [
            "--headless=new",
            "--no-sandbox",
            "--remote-debugging-pipe",
            "--disable-gpu",
            "--no-first-run",
        ]
        self.process = subprocess.Popen(
            [
                "bash",
                "-c",
                f'exec "$@" 3<&{ends[0]} 4>&{ends[1]}',
                "bash",
                CHROMIUM,
                *options,
                f"--user-data-dir={profile}",
            ],
            pass_fds=ends,
            stderr=subprocess.DEVNULL,
        )
        for end in (*ends, ours[0], theirs[1]):
            os.close(end)
        self.writes, self.reads = ours[1], theirs[0]
        self.buffer, self.number, self.session = b"", 0, None
        self.events: list[dict[str, Any]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session is not None:
            message["sessionId"] = self.session
        os.write(self.writes, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self.number:
            self.events.append(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def open(self, path: Path) -> None:
        self.events.clear()
        self.call("Page.navigate", url=path.as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._next())

    def run(self, script: str) -> Any:
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def text(self, selector: str) -> str:
        return self.run(f"document.querySelector({json.dumps(selector)}).innerText")

    def choose(self, selector: str, value: str, event: str = "input") -> None:
        control = f"document.querySelector({json.dumps(selector)})"
        self.run(f"{control}.value = {json.dumps(value)}; {control}.dispatchEvent(new Event('{event}'))")

    def press(self, key: str) -> None:
        for kind in ("rawKeyDown", "keyUp"):
            codes = {"Tab": 9, "ArrowRight": 39, "Enter": 13}
            self.call(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=codes[key]
            )

    def show(self, width: int, scheme: str = "light", media: str = "") -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=900,
            deviceScaleFactor=1,
            mobile=width < 500,
        )
        self.call(
            "Emulation.setEmulatedMedia",
            media=media,
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )

    def complaints(self) -> list[Any]:
        """Errors and warnings of the console, exceptions, and requests beyond the page itself."""
        kinds = {"Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"}
        asked = [
            event["params"]["request"]["url"]
            for event in self.events
            if event.get("method") == "Network.requestWillBeSent"
        ]
        beyond = [url for url in asked if not url.startswith(("file:", "data:"))]
        return [event for event in self.events if event.get("method") in kinds] + beyond

    def picture(self, path: Path) -> None:
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(SECONDS)
        os.close(self.writes)
        os.close(self.reads)

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.reads], [], [], SECONDS)
            assert ready, "Chromium does not answer"
            part = os.read(self.reads, 2**20)
            assert part, "Chromium is gone"
            self.buffer += part
        message, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(message)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    started = Browser(tmp_path_factory.mktemp("profile"))
    yield started
    started.close()


@pytest.fixture
def page(
    browser: Browser, findings: Findings, facts: RunFacts, picture: Callable[[str], bytes], tmp_path: Path
) -> Browser:
    path = tmp_path / "report.html"
    path.write_text(report_page(findings, facts, picture), encoding="utf-8")
    browser.show(WIDTHS["desktop"])
    browser.open(path)
    return browser


def test_no_complaint_and_no_request(page: Browser) -> None:
    page.run("document.querySelectorAll('button').forEach((button) => button.click())")
    for selector in ("#class-choice", "#view", "#filter-label", "#filter-predicted"):
        page.choose(selector, page.run(f"document.querySelector('{selector}').options[1].value"), "change")
    assert page.complaints() == []


def test_an_injected_script_does_not_run(page: Browser) -> None:
    page.run(
        "document.body.append(Object.assign(document.createElement('script'), { text: 'window.evil = 1' }))"
    )
    assert page.run("window.evil") is None


def test_choosing_a_class_shows_its_figures(page: Browser, findings: Findings) -> None:
    assert page.run("document.querySelectorAll('.class-card:not([hidden])').length") == 0
    page.choose("#class-choice", "mel", "change")
    metrics = findings.evaluation.metrics
    assert f"{metrics['recall_mel']:.3f}" in page.text(".class-card:not([hidden])")
    assert page.run("document.querySelectorAll('#plot-roc .line.chosen').length") == 1
    assert page.run("document.querySelectorAll('#plot-roc .line.faded').length") == 2
    page.choose("#class-choice", "nv", "change")
    assert f"{metrics['recall_nv']:.3f}" in page.text(".class-card:not([hidden])")


def test_moving_the_threshold_moves_sensitivity_and_specificity(page: Browser, findings: Findings) -> None:
    test = findings.test
    malignant, scores = test.labels < 2, test.probabilities[:, :2].sum(axis=1)
    for step in (100, 40, 180):
        page.choose("#threshold", str(step))
        flagged = scores >= step / 200
        expected = [
            flagged[malignant].mean(),
            (~flagged)[~malignant].mean(),
            malignant[flagged].mean(),
            (~malignant)[~flagged].mean(),
        ]
        told = [page.text(f"#rates [data-rate={rate}] .value") for rate in RATES]
        assert told == [f"{value:.3f}" for value in expected]
        assert page.text("#threshold-value") == f"{step / 200:.3f}"
    found = f"{(flagged & malignant).sum()} of {malignant.sum()} found"
    assert page.text("#rates [data-rate=sensitivity] .which") == found
    place = page.run("document.querySelector('#trade .handle').getAttribute('cy')")
    assert float(place) == pytest.approx(300 * (1 - expected[0]))
    page.choose("#view", "2", "change")
    assert page.text("#rates [data-rate=sensitivity] .which").endswith(f"of {(test.labels == 1).sum()} found")


def test_a_button_sets_the_threshold_that_reaches_a_sensitivity(page: Browser) -> None:
    page.run("document.querySelector('button[data-rate=sensitivity]').click()")
    reached = float(page.text("#rates [data-rate=sensitivity] .value"))
    page.choose("#threshold", str(int(page.run("document.querySelector('#threshold').value")) + 1))
    assert float(page.text("#rates [data-rate=sensitivity] .value")) < 0.9 <= reached


def test_the_keyboard_reaches_and_moves_the_controls(page: Browser) -> None:
    seen = []
    while "confidence" not in seen and len(seen) < 100:
        page.press("Tab")
        told = "(({ id, dataset, className }) => id || dataset.key || className)(document.activeElement)"
        seen.append(page.run(told))
        if seen[-1] == "threshold":
            page.press("ArrowRight")
    assert seen[0] == "skip"
    assert {"class-choice", "view", "threshold", "filter-label", "filter-text", "confidence"} <= set(seen)
    assert page.text("#threshold-value") == "0.505"


def rows(page: Browser, key: str) -> list[str]:
    shown = "[...document.querySelectorAll('#mistakes-table tbody tr')].filter((row) => !row.hidden)"
    return page.run(f"{shown}.map((row) => row.dataset.{key})")


def test_mistakes_are_filtered_and_sorted(page: Browser) -> None:
    assert len(rows(page, "label")) == 20
    page.run("document.querySelector('#mistakes-all').click()")
    everything = rows(page, "confidence")
    assert len(everything) > 20
    assert everything == sorted(everything, key=float, reverse=True)
    page.choose("#filter-label", "mel")
    assert set(rows(page, "label")) == {"mel"}
    assert page.text("#mistakes-shown") == f"{len(rows(page, 'label'))} shown"
    page.choose("#filter-predicted", "nv")
    assert set(rows(page, "predicted")) == {"nv"}
    page.choose("#filter-label", "")
    page.choose("#filter-predicted", "")
    lesion = rows(page, "group")[3]
    page.choose("#filter-text", lesion.upper())
    assert set(rows(page, "group")) == {lesion}
    page.choose("#filter-text", "")
    assert len(rows(page, "label")) == len(everything)
    for key, button, number in (("probability", "probability", True), ("image", "image", False)):
        page.run(f"document.querySelector('[data-key={button}]').click()")
        sort = page.run(f"document.querySelector('[data-key={button}]').closest('th').ariaSort")
        order = rows(page, key)
        assert order == sorted(order, key=float if number else str, reverse=sort == "descending")
        page.run(f"document.querySelector('[data-key={button}]').click()")
        assert page.run(f"document.querySelector('[data-key={button}]').closest('th').ariaSort") != sort
        assert rows(page, key) != order
    assert page.run("document.querySelectorAll('[aria-sort]').length") == 1


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_nothing_is_wider_than_the_window(page: Browser, width: int) -> None:
    page.show(width)
    page.choose("#class-choice", "mel", "change")
    assert page.run("document.documentElement.scrollWidth") <= width


def test_long_names_are_not_wider_than_a_phone(page: Browser, plain: Findings, tmp_path: Path) -> None:
    names = tuple(f"{name}_atypical_melanocytic_proliferation_of_unknown_potential" for name in CLASSES)
    test = replace(plain.test, class_names=names, images=np.char.add("a" * 60, plain.test.images))
    found = Findings(test=test, evaluation=evaluate(test, seed=0))
    path = tmp_path / "long.html"
    path.write_text(report_page(found, RunFacts(name="a" * 80), str.encode), encoding="utf-8")
    page.show(WIDTHS["phone"])
    page.open(path)
    page.choose("#class-choice", names[1], "change")
    assert page.run("document.documentElement.scrollWidth") <= WIDTHS["phone"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_axe_finds_no_barrier(page: Browser, width: int, scheme: str) -> None:
    found = find_spec("axe_core_python")
    if found is None:
        pytest.skip("axe-core-python is not installed")
    page.show(width, scheme)
    page.choose("#class-choice", "mel", "change")
    page.run((Path(found.origin).parent / "axe.min.js").read_text(encoding="utf-8"))
    violations = page.run("axe.run().then((found) => found.violations)")
    told = [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in violations]
    assert told == []


def test_print_leaves_the_controls_out(page: Browser) -> None:
    page.show(WIDTHS["desktop"], media="print")
    assert page.run("getComputedStyle(document.querySelector('.controls')).display") == "none"
    assert page.run("getComputedStyle(document.querySelector('#figures')).display") == "block"


def test_the_configuration_keeps_its_lines(page: Browser, facts: RunFacts) -> None:
    page.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.text("pre") == facts.config


def test_tables_fit_on_paper(page: Browser) -> None:
    """Paper does not scroll: A4 is 703 px wide between its margins."""
    page.show(703, media="print")
    overflow = "[...document.querySelectorAll('.scroll')].filter((box) => box.scrollWidth > box.clientWidth)"
    assert page.run(f"{overflow}.map((box) => box.ariaLabel)") == []
