"""Which classes are malignant: what a data set is known to hold, and what a user says."""

import logging
from collections.abc import Collection, Mapping, Sequence

from lightning_skin.errors import InputError

logger = logging.getLogger(__name__)

HAM10000 = ("akiec", "bcc", "mel")
"""``akiec`` are non-invasive variants of squamous cell carcinoma (Tschandl et al., Sci Data 5:180161)."""

ISIC = (*HAM10000, "scc")

PAD_UFES20 = ("bcc", "mel", "scc")
"""Its cancers; Bowen's disease is among ``scc``, actinic keratoses are not (Pacheco et al., Data in Brief 32)."""


def choose_malignant(
    named: Sequence[str] | None, known: Collection[str], class_names: Sequence[str]
) -> tuple[str, ...]:
    """The malignant ones among some classes.

    Args:
        named: By the user; ``None`` takes what is known.
        known: To be malignant, whether or not it is among the classes.
        class_names: All classes.

    Returns:
        Some of the classes in their order; none where it is not known, or all or none of them are malignant.

    Raises:
        InputError: The user names what is none of the classes, or all of them.
    """
    if named is None:
        chosen = tuple(name for name in class_names if name in known)
        return chosen if len(chosen) < len(class_names) else ()
    if unknown := sorted(set(named) - set(class_names)):
        raise InputError(
            f"data.malignant names {', '.join(unknown)}, expected some of the classes {', '.join(class_names)}"
        )
    if not set(class_names) - set(named):
        raise InputError(
            f"data.malignant names every class ({', '.join(class_names)}); leave the benign ones out"
        )
    return tuple(name for name in class_names if name in named)


def relabelled_malignant(
    malignant: Sequence[str], renamed: Mapping[str, str | None]
) -> tuple[str, ...]:
    """What malignant labels are called after they were renamed.

    Args:
        malignant: Among the old labels.
        renamed: New name of each old label, ``None`` where it is dropped.

    Returns:
        Nothing where one name now stands for malignant and benign labels, which is reported.
    """
    names = {new for old, new in renamed.items() if new is not None and old in malignant}
    both = {new for old, new in renamed.items() if new in names and old not in malignant}
    if both:
        logger.info(
            "data.labels gives malignant and benign labels the name %s, so that nothing counts as malignant; "
            "say what does with data.malignant=[NAME]",
            ", ".join(sorted(name for name in both if name is not None)),
        )
        return ()
    return tuple(sorted(names))
