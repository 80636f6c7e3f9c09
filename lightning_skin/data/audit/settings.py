"""What to do about what an audit finds, as the user says it."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class AuditSettings:
    """What to look for, and what to do about it.

    Attributes:
        on_broken: ``skip`` leaves files that cannot be read out; ``fail`` stops.
        copies: Of images with the same bytes or pixels, ``group`` keeps all of a set in one split, ``drop``
            keeps the first of them by path, of each label, ``fail`` stops.
        near_duplicates: Likewise for images that show the same; ``ignore`` looks neither for them nor for
            the same pixels in other bytes. ``drop`` keeps other pictures of one lesion, in one split.
        search: ``pictures`` looks for versions of one picture, ``lesions`` also for other pictures of one
            lesion, which takes several times as long.
        contradictions: Images that show the same under two labels: ``keep`` warns, ``drop`` leaves all of
            them out, ``fail`` stops.
        outliers: Images unlike the rest in size, aspect or colour: ``keep``, ``drop`` or ``fail``.
        cache_dir: Where to remember what was found out about files; ``None`` does not.
    """

    on_broken: Literal["skip", "fail"]
    copies: Literal["group", "drop", "fail"]
    near_duplicates: Literal["group", "drop", "fail", "ignore"]
    search: Literal["pictures", "lesions"]
    contradictions: Literal["keep", "drop", "fail"]
    outliers: Literal["keep", "drop", "fail"]
    cache_dir: str | None
