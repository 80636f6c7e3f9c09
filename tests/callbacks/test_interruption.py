import os
import signal
from collections.abc import Iterator

import pytest
from lightning.pytorch.utilities.exceptions import SIGTERMException

from lightning_skin.callbacks import interruption
from lightning_skin.callbacks.interruption import Interruption


@pytest.fixture
def watching() -> Iterator[Interruption]:
    one = Interruption()
    one.watch(announce=True)
    yield one
    one.release()


@pytest.mark.parametrize(
    ("number", "raised"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SIGTERMException)]
)
def test_a_signal_is_noted_said_and_heeded_later(
    watching: Interruption, number: int, raised: type[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    os.kill(os.getpid(), number)
    assert watching.received == number
    assert capsys.readouterr().err == "saving the training, which then ends; once more to end at once\n"
    with pytest.raises(raised):
        watching.heed()


def test_an_echo_is_no_second_signal(watching: Interruption) -> None:
    os.kill(os.getpid(), signal.SIGINT)
    os.kill(os.getpid(), signal.SIGTERM)
    assert watching.received == signal.SIGINT


@pytest.mark.usefixtures("watching")
def test_a_second_signal_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interruption, "ECHO_SECONDS", -1)
    os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)


def test_signals_are_given_back_and_ignored_ones_stay_ignored() -> None:
    before = signal.getsignal(signal.SIGTERM), signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        one = Interruption()
        one.watch(announce=False)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGTERM) is not before[0]
        one.release()
        assert signal.getsignal(signal.SIGTERM) is before[0]
    finally:
        signal.signal(signal.SIGINT, before[1])
