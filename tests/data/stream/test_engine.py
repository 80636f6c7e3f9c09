import importlib.util
import sys

import pytest

from lightning_skin.data.stream.engine import load_engine
from lightning_skin.errors import InputError

# An environment without the package is made by hiding it: None stands for a module that cannot be imported.


def test_a_missing_engine_is_named_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "litdata", None)
    with pytest.raises(
        InputError, match=r"data\.stream needs LitData .* pip install 'lightning-skin\[stream\]'"
    ):
        load_engine()


@pytest.mark.skipif(importlib.util.find_spec("litdata") is None, reason="litdata is not installed")
def test_the_engine_does_not_announce_what_it_does(caplog: pytest.LogCaptureFixture) -> None:
    assert not load_engine().streaming.dataset.logger.isEnabledFor(20)
    assert caplog.messages == []
