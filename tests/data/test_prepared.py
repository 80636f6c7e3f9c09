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

WriteImage = Callable[..., Path]
SPLIT = SplitSettings((0.6, 0.2, 0.2), 3, None, None, None, False)
THOROUGH = AuditSettings("skip", "drop", "group", "lesions", "drop", "drop", cache_dir=None)
AS_IT_STANDS = AuditSettings("fail", "group", "ignore", "pictures", "keep", "keep", cache_dir=None)


@pytest.fixture(scope="module")
def manifest(planted: Path) -> Manifest:
    return build_manifest(folder(str(planted), None), SPLIT, THOROUGH)[0]


@pytest.mark.parametrize("name", ["", "manifest.csv"])
def test_a_prepared_manifest_is_used_as_it_stands(manifest: Manifest, tmp_path: Path, name: str) -> None:
    manifest.write(tmp_path / "manifest.csv")
    another = SplitSettings((0.1, 0.1, 0.8), 7, None, None, None, False)
    again, _ = build_manifest(prepared(str(tmp_path / name), None, None), another, AS_IT_STANDS)
    assert again.hash == manifest.hash
    again.write(tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "manifest.csv").read_bytes()


def test_images_that_were_moved_are_found_where_they_are_said_to_be(tmp_path: Path, planted: Path) -> None:
    here = tmp_path / "moved"
    here.symlink_to(planted)
    build_manifest(folder(str(planted), None), SPLIT, THOROUGH)[0].write(tmp_path / "manifest.csv")
    text = (tmp_path / "manifest.csv").read_text()
    (tmp_path / "manifest.csv").write_text(text.replace(f"# root: {planted.resolve()}", "# root: /gone"))
    with pytest.raises(InputError, match=r"/gone, the folder .* does not exist; name it with data\.moved_to"):
        prepared(str(tmp_path), None, None)
    assert prepared(str(tmp_path), str(here), None).root == planted.resolve()


def test_an_image_that_is_gone_stops_the_run(tmp_path: Path, write_image: WriteImage) -> None:
    for label in ("mel", "nv"):
        for number in range(5):
            write_image(tmp_path / "images" / label / f"{number}.png")
    build_manifest(folder(str(tmp_path / "images"), None), SPLIT, THOROUGH)[0].write(
        tmp_path / "manifest.csv"
    )
    (tmp_path / "images" / "nv" / "3.png").unlink()
    with pytest.raises(
        InputError,
        match=r"1 image\(s\) cannot be read: .*nv/3\.png: No such file .*; put them back, prepare anew with",
    ) as caught:
        build_manifest(prepared(str(tmp_path), None, None), SPLIT, AS_IT_STANDS)
    assert str(caught.value).count("3.png") == 1


def test_a_folder_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"manifest\.csv does not exist; set data\.manifest=RUN"):
        prepared(str(tmp_path), None, None)
    with pytest.raises(InputError, match=r"nope does not exist; set data\.manifest=RUN"):
        prepared(str(tmp_path / "nope"), None, None)


@pytest.fixture
def small(tmp_path: Path, write_image: Callable[..., Path]) -> Manifest:
    """Written into ``tmp_path / "run"``."""
    for label in ("mel", "nv"):
        for number in range(10):
            write_image(tmp_path / "images" / label / f"{number}.png")
    manifest, _ = build_manifest(folder(str(tmp_path / "images"), None), SPLIT, AS_IT_STANDS)
    manifest.write(tmp_path / "run" / "manifest.csv")
    return manifest


def test_images_are_looked_at_again_where_their_folder_is(tmp_path: Path, small: Manifest) -> None:
    source = prepared(str(tmp_path / "run"), None, stream="store")
    again, found = build_manifest(source, SPLIT, AS_IT_STANDS)
    assert again.hash == small.hash
    assert found is not None


def test_a_folder_that_is_gone_is_asked_for(tmp_path: Path, small: Manifest) -> None:
    shutil.rmtree(small.root)
    with pytest.raises(InputError, match=rf"{small.root}, the folder .* data\.moved_to=FOLDER"):
        prepared(str(tmp_path / "run"), None, stream=None)


def test_shards_stand_in_for_a_folder_that_is_gone(tmp_path: Path, small: Manifest) -> None:
    shutil.rmtree(small.root)
    source = prepared(str(tmp_path / "run"), None, stream="store")
    again, found = build_manifest(source, SPLIT, AS_IT_STANDS)
    assert found is None
    assert again.hash == small.hash
    assert again.rows("test")["path"].tolist() == small.rows("test")["path"].tolist()
    assert build_test_manifest(source, AS_IT_STANDS).hash == small.hash


def test_labels_of_images_that_are_gone_can_be_renamed(tmp_path: Path, small: Manifest) -> None:
    shutil.rmtree(small.root)
    source = relabelled(lambda: prepared(str(tmp_path / "run"), None, stream="store"), {"mel": "melanoma"})
    renamed, _ = build_manifest(source, SPLIT, AS_IT_STANDS)
    assert renamed.class_names == ("melanoma", "nv")
