import os
import signal

import pytest

from lightning_skin.cli.failure import report_failure
from lightning_skin.cli.termination import Terminated, raising_termination


def test_a_termination_is_raised_where_it_arrives(capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Terminated) as caught, raising_termination():
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before
    assert report_failure(caught.value) == 143
    assert capsys.readouterr().err == "terminated\n"


def test_a_trainer_that_took_over_ends_by_itself() -> None:
    with raising_termination():
        ours = signal.getsignal(signal.SIGTERM)
        assert callable(ours)
        received = []

        def composed(number: int, frame: object) -> None:
            received.append(number)
            ours(number, frame)

        signal.signal(signal.SIGTERM, composed)
        os.kill(os.getpid(), signal.SIGTERM)
        assert received == [signal.SIGTERM]
