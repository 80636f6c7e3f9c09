"""From a source to a manifest: look at the images, group, split, and refuse what leaks."""

import logging
from pathlib import Path

import pandas as pd

from lightning_skin.data.audit.audit import Audit, audit_images
from lightning_skin.data.audit.settings import AuditSettings
from lightning_skin.data.leakage import judge_leakage
from lightning_skin.data.manifest import REQUIRED, Manifest
from lightning_skin.data.sources import Source
from lightning_skin.data.split_column import split_column
from lightning_skin.data.split_settings import SplitSettings
from lightning_skin.errors import InputError

logger = logging.getLogger(__name__)


def build_manifest(
    source: Source, split: SplitSettings, audit: AuditSettings
) -> tuple[Manifest, Audit | None]:
    """Check every image, join what belongs together to groups, and split.

    Args:
        source: Images with labels.
        split: How to split.
        audit: What to look for in the images, and what to do about it.

    Returns:
        The images that remain with their split, and what was found on the way; ``None`` where the source was
        inspected before.

    Raises:
        InputError: The images hold what the settings do not allow; no split can be made, or it leaks.
    """
    found = None if source.inspected else audit_images(source, audit)
    if found is not None:
        found.require_allowed()
    manifest = split_manifest(source, found, split)
    judge_leakage(manifest, split.allow_leakage)
    if found is not None:
        _report(found, audit)
    return manifest, found


def split_manifest(source: Source, found: Audit | None, split: SplitSettings) -> Manifest:
    """Split what an audit left, whether or not the audit or the split are allowed.

    Args:
        source: Images with labels.
        found: In them; ``None`` where the source was inspected before.
        split: How to split.

    Raises:
        InputError: No split can be made, or a class has no images.
    """
    images = source.table
    if found is not None:
        found.require_classes()
        images = found.images
    images = images.assign(split=split_column(images, source.root, split))
    _require_training_images(images, source.root)
    return _manifest(source.root, images)


def build_test_manifest(source: Source, audit: AuditSettings) -> Manifest:
    """Check every image of a data set that only serves to test: its own test split, or all of it.

    Near-duplicates are looked for here, too: intervals resample whole groups, and would be too narrow where
    copies count as several lesions.

    Raises:
        InputError: The images hold what the settings do not allow.
    """
    images = source.table
    if not source.inspected:
        found = audit_images(source, audit)
        found.require_allowed()
        found.require_classes()
        images = found.images
    if not (images["split"] == "test").any():
        images = images.assign(split="test")
    return _manifest(source.root, images)


def _report(found: Audit, settings: AuditSettings) -> None:
    if found.matches:
        logger.info(
            "%d pair(s) of near-duplicates were found; a new split divides none, and mode=prepare shows them",
            len(found.matches),
        )
    if settings.search == "pictures" and (found.readable["group"] == found.readable["path"]).all():
        logger.info("No table names lesions or patients: mode=prepare looks for other pictures of one lesion")


def _require_training_images(images: pd.DataFrame, root: Path) -> None:
    if untrained := sorted(set(images["label"]) - set(images["label"][images["split"] == "train"])):
        raise InputError(
            f"class {untrained[0]} of {root} has no training image; add some, "
            f"or drop it with data.labels={{{untrained[0]}: null}}"
        )


def _manifest(root: Path, images: pd.DataFrame) -> Manifest:
    columns = [*REQUIRED, "width", "height"]
    columns += [str(name) for name in images if name not in columns]
    return Manifest(root, images.sort_values("path")[columns].reset_index(drop=True))
