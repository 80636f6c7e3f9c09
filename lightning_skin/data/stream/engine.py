"""LitData, the streaming engine, which is an optional package."""

import logging
from types import ModuleType

from lightning_skin.errors import InputError


def load_engine() -> ModuleType:
    """Import LitData.

    Raises:
        InputError: It is not installed.
    """
    try:
        import litdata
    except ImportError as error:
        raise InputError(
            f"data.stream needs LitData ({error}); install it with pip install 'lightning-skin[stream]'"
        ) from None
    # Every data set would announce how it reads its files.
    logging.getLogger("litdata").setLevel(logging.WARNING)
    return litdata
