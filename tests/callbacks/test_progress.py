import logging
import re
from collections.abc import Callable

import pytest
from lightning.pytorch import Trainer

from lightning_skin.callbacks.progress import EpochLines, progress_bar


def test_a_log_file_gets_a_line_an_epoch(
    train: Callable[..., Trainer], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "lightning_skin"):
        train([0.25, 0.5], [EpochLines()], bar=True)
    first, second = [re.sub(r"\d+ s$", "T s", message) for message in caplog.messages]
    assert first == "epoch 1 of 2: train/loss 0.0000, val/score 0.2500, T s"
    assert second == "epoch 2 of 2: train/loss -1.0000, val/score 0.5000, T s"


def test_only_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.delenv("TTY_COMPATIBLE", raising=False)
    assert type(progress_bar()) is EpochLines
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    assert type(progress_bar()) is not EpochLines
