import logging
from pathlib import Path

import pytest

from lightning_skin.data.cache_dir import dispensable


def test_one_warning_a_folder_names_the_setting_and_the_reason(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "occupied").write_text("no folder")
    with caplog.at_level(logging.WARNING):
        for name in ("one.bin", "two.bin"):
            with dispensable(tmp_path / "occupied" / name):
                (tmp_path / "occupied" / name).write_bytes(b"")
    (message,) = caplog.messages
    assert str(tmp_path / "occupied") in message
    assert "Not a directory" in message
    assert "set data.cache_dir to a folder that can be written" in message


def test_other_errors_are_not_swallowed(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a mistake"), dispensable(tmp_path / "file"):
        raise ValueError("a mistake")
