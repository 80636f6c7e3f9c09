import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from lightning_skin.data.audit.settings import AuditSettings
from lightning_skin.data.build import build_manifest, build_test_manifest
from lightning_skin.data.labels import relabelled
from lightning_skin.data.manifest import Manifest
from lightning_skin.data.prepared import prepared
from lightning_skin.data.sources import folder
from lightning_skin.data.split_settings import SplitSettings
from lightning_skin.errors import InputError

AUDIT = AuditSettings("skip", "group", "ignore", "pictures", "keep", "keep", cache_dir=None)
SPLIT = SplitSettings((0.6, 0.2, 0.2), 0, None, None, None, False)


@pytest.fixture
def manifest(tmp_path: Path, write_image: Callable[..., Path]) -> Manifest:
    """Written into ``tmp_path / "run"``."""
    for label in ("mel", "nv"):
        for number in range(10):
            write_image(tmp_path / "images" / label / f"{number}.png")
    manifest, _ = build_manifest(folder(str(tmp_path / "images"), None), SPLIT, AUDIT)
    manifest.write(tmp_path / "run" / "manifest.csv")
    return manifest


def test_images_are_looked_at_again_where_their_folder_is(tmp_path: Path, manifest: Manifest) -> None:
    source = prepared(str(tmp_path / "run"), None, stream="store")
    again, found = build_manifest(source, SPLIT, AUDIT)
    assert again.hash == manifest.hash
    assert found is not None


def test_a_folder_that_is_gone_is_asked_for(tmp_path: Path, manifest: Manifest) -> None:
    shutil.rmtree(manifest.root)
    with pytest.raises(InputError, match=rf"{manifest.root}, the folder .* data\.moved_to=FOLDER"):
        prepared(str(tmp_path / "run"), None, stream=None)


def test_shards_stand_in_for_a_folder_that_is_gone(tmp_path: Path, manifest: Manifest) -> None:
    shutil.rmtree(manifest.root)
    source = prepared(str(tmp_path / "run"), None, stream="store")
    again, found = build_manifest(source, SPLIT, AUDIT)
    assert found is None
    assert again.hash == manifest.hash
    assert again.rows("test")["path"].tolist() == manifest.rows("test")["path"].tolist()
    assert build_test_manifest(source, AUDIT).hash == manifest.hash


def test_labels_of_images_that_are_gone_can_be_renamed(tmp_path: Path, manifest: Manifest) -> None:
    shutil.rmtree(manifest.root)
    source = relabelled(lambda: prepared(str(tmp_path / "run"), None, stream="store"), {"mel": "melanoma"})
    renamed, _ = build_manifest(source, SPLIT, AUDIT)
    assert renamed.class_names == ("melanoma", "nv")
