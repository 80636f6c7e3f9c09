"""What a look at a folder of planted faults finds."""

import logging
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lightning_skin.data.audit.audit import Audit, audit_images
from lightning_skin.data.audit.copies import Copies
from lightning_skin.data.audit.settings import AuditSettings
from lightning_skin.data.sources import Source, folder
from lightning_skin.errors import InputError

WriteImage = Callable[..., Path]
SETTINGS = AuditSettings("skip", "group", "group", "pictures", "keep", "keep", cache_dir=None)


@pytest.fixture(scope="module")
def audit(planted: Path) -> Audit:
    return audit_images(folder(str(planted), None), SETTINGS)


def names(audit: Audit, found: list[Copies]) -> list[tuple[str, ...]]:
    paths = audit.readable["path"]
    return [(copies.kind, *(paths[row] for row in copies.rows)) for copies in found]


def test_each_file_that_cannot_be_read_says_why(audit: Audit) -> None:
    assert audit.broken[["path", "label"]].to_numpy().tolist() == [
        ["mel/truncated.jpg", "mel"],
        ["nv/empty.jpg", "nv"],
        ["nv/huge.png", "nv"],
        ["nv/text.jpg", "nv"],
    ]
    for reason, said in zip(
        audit.broken["error"], ["truncated", "empty", "100 million pixels", "not an image"], strict=True
    ):
        assert said in reason
    assert len(audit.readable) == len(audit.images) == 46


def test_each_set_of_copies_stands_once(audit: Audit) -> None:
    assert names(audit, audit.copies) == [
        ("bytes", "mel/other_label.jpg", "nv/nv_01.jpg"),
        ("bytes", "nv/copy.jpg", "nv/nv_00.jpg"),
        ("pixels", "nv/nv_02.jpg", "nv/pixels.png"),
    ]


def test_the_versions_of_a_picture_are_found_and_no_other_pair(audit: Audit) -> None:
    paths = audit.readable["path"]
    assert [(paths[match.first], paths[match.second], match.change) for match in audit.matches] == [
        ("mel/brighter.jpg", "nv/nv_03.jpg", ""),
        ("mel/mel_00.jpg", "mel/turned.jpg", "turned by 90 degrees"),
    ]


def test_an_image_under_two_labels_is_found_whatever_kind_of_copy_it_is(audit: Audit) -> None:
    assert names(audit, audit.contradictions) == [
        ("bytes", "mel/other_label.jpg", "nv/nv_01.jpg"),
        ("near", "mel/brighter.jpg", "nv/nv_03.jpg"),
    ]


def test_the_images_unlike_the_rest_are_found(audit: Audit) -> None:
    paths = audit.readable["path"]
    assert [(paths[found.row], found.kind) for found in audit.outliers] == [
        ("nv/black.png", "colour"),
        ("nv/large.jpg", "size"),
        ("nv/strip.jpg", "aspect"),
    ]


def test_copies_and_near_duplicates_share_a_group_and_nothing_else_does(audit: Audit) -> None:
    shared = audit.images.groupby("group")["path"].agg(tuple)
    assert sorted(paths for paths in shared if len(paths) > 1) == [
        ("mel/brighter.jpg", "nv/nv_03.jpg"),
        ("mel/mel_00.jpg", "mel/turned.jpg"),
        ("mel/other_label.jpg", "nv/nv_01.jpg"),
        ("nv/copy.jpg", "nv/nv_00.jpg"),
        ("nv/nv_02.jpg", "nv/pixels.png"),
    ]
    assert audit.readable["group"].tolist() == audit.readable["path"].tolist()


def test_what_is_dropped_is_gone_and_the_rest_keeps_its_groups(planted: Path) -> None:
    settings = AuditSettings("skip", "drop", "drop", "pictures", "drop", "drop", cache_dir=None)
    audit = audit_images(folder(str(planted), None), settings)
    paths = audit.readable["path"]
    assert {paths[row]: reason for row, reason in audit.dropped.items()} == {
        "mel/brighter.jpg": "stands under several labels",
        "nv/nv_03.jpg": "stands under several labels",
        "mel/other_label.jpg": "stands under several labels",
        "nv/nv_01.jpg": "stands under several labels",
        "mel/turned.jpg": "near-duplicate of mel/mel_00.jpg",
        "nv/nv_00.jpg": "copy of nv/copy.jpg",
        "nv/pixels.png": "copy of nv/nv_02.jpg",
        "nv/black.png": "unlike the rest in colour",
        "nv/large.jpg": "unlike the rest in size",
        "nv/strip.jpg": "unlike the rest in aspect",
    }
    assert audit.images["path"].tolist() == paths.drop(index=list(audit.dropped)).tolist()


def test_near_duplicates_that_are_ignored_are_not_looked_for(planted: Path) -> None:
    audit = audit_images(folder(str(planted), None), replace(SETTINGS, near_duplicates="ignore"))
    assert audit.matches == []
    assert [found.kind for found in audit.copies] == ["bytes", "bytes"]


def test_the_order_of_the_files_has_no_say(planted: Path, audit: Audit) -> None:
    root, table, *_ = folder(str(planted), None)
    turned = audit_images(Source(root, table.iloc[::-1]), SETTINGS)
    assert turned.images.sort_values("path")["group"].tolist() == audit.images["group"].tolist()
    assert len(turned.outliers) == len(audit.outliers)


def test_what_is_remembered_is_not_looked_at_again(
    planted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(SETTINGS, cache_dir=str(tmp_path / "cache"), search="lesions")
    source = folder(str(planted), None)
    first = audit_images(source, settings)
    opened: list[str] = []
    read_bytes = Path.read_bytes

    def counted(path: Path) -> bytes:
        opened.append(path.relative_to(planted.resolve()).as_posix())
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", counted)
    second = audit_images(source, settings)
    # Broken files are looked at each time: they may have been repaired.
    assert sorted(opened) == ["mel/truncated.jpg", "nv/empty.jpg", "nv/huge.png", "nv/text.jpg"]
    assert second.images.equals(first.images)
    assert (second.matches, second.copies) == (first.matches, first.copies)


def test_a_class_that_loses_all_images_to_a_policy_is_named(tmp_path: Path, write_image: WriteImage) -> None:
    for label in ("mel", "nv"):
        write_image(tmp_path / label / "image.png")
    shutil.copy(tmp_path / "mel" / "image.png", tmp_path / "nv" / "image.png")
    audit = audit_images(folder(str(tmp_path), None), replace(SETTINGS, contradictions="drop"))
    with pytest.raises(InputError, match=r"class mel has no image left .*leave out less than data\.\*=drop"):
        audit.require_classes()


def test_all_that_is_not_allowed_is_told_and_the_audit_goes_on(planted: Path, audit: Audit) -> None:
    settings = AuditSettings("fail", "fail", "fail", "pictures", "fail", "fail", cache_dir=None)
    refused = audit_images(folder(str(planted), None), settings)
    assert [text.partition(",")[0].partition(":")[0] for text in refused.refused] == [
        "4 image(s) cannot be read",
        "data.contradictions=fail",
        "data.copies=fail",
        "data.near_duplicates=fail",
        "data.outliers=fail",
    ]
    assert (refused.copies, refused.matches, refused.outliers) == (
        audit.copies,
        audit.matches,
        audit.outliers,
    )
    assert refused.images.equals(audit.images)
    with pytest.raises(InputError, match=r"^4 image\(s\) cannot be read"):
        refused.require_allowed()
    audit.require_allowed()


def test_images_that_are_not_those_that_were_expected_are_refused(
    tmp_path: Path, write_image: WriteImage
) -> None:
    for label in ("mel", "nv"):
        write_image(tmp_path / label / "image.png")
    root, table, *_ = folder(str(tmp_path), None)
    known = table.assign(content_hash=audit_images(Source(root, table), SETTINGS).images["content_hash"])
    assert audit_images(Source(root, known), SETTINGS).images["path"].tolist() == table["path"].tolist()
    write_image(tmp_path / "nv" / "image.png")
    with pytest.raises(InputError, match=r"1 image\(s\) of .* have changed since .*: nv/image\.png; restore"):
        audit_images(Source(root, known), SETTINGS)


def test_a_skipped_file_is_warned_of(planted: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        audit_images(folder(str(planted), None), replace(SETTINGS, near_duplicates="ignore"))
    assert "Skipped 4 image(s) that cannot be read: " in caplog.text
    assert f"{planted / 'nv' / 'empty.jpg'}: the file is empty" in caplog.text
