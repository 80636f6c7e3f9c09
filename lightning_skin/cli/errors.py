"""Several problems of one command line, reported together."""

from collections.abc import Sequence

from lightning_skin.errors import InputError


class ConfigurationError(InputError):
    """The command line or the configuration cannot be used.

    Args:
        problems: One sentence each; at least one.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)
