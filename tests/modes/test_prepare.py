"""mode=prepare: what it writes, prints and refuses."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from lightning_skin.data.audit.settings import AuditSettings
from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.data.manifest import read_manifest
from lightning_skin.data.prepared import prepared
from lightning_skin.data.sources import folder
from lightning_skin.data.stream.shards import find_shards
from lightning_skin.errors import InputError
from lightning_skin.modes.prepare import prepare
from lightning_skin.modes.run_folder import Run

NewData = Callable[..., SkinLesionDataModule]


@pytest.fixture
def document(new_run: Run, new_data: NewData, planted: Path) -> dict[str, Any]:
    prepare(new_run, new_data(planted), None, "link", {})
    return json.loads((new_run.folder / "audit.json").read_text())


def test_the_audit_the_manifest_and_the_record_agree(new_run: Run, document: dict[str, Any]) -> None:
    written = sorted(path.name for path in new_run.folder.iterdir())
    expected = [
        "audit.html",
        "audit.json",
        "config.yaml",
        "figures",
        "leakage.csv",
        "manifest.csv",
        "run.json",
    ]
    assert written == expected
    record = json.loads((new_run.folder / "run.json").read_text())
    manifest = read_manifest(new_run.folder / "manifest.csv")
    assert (record["mode"], record["status"], record["leaking_groups"]) == ("prepare", "finished", 0)
    assert record["manifest_hash"] == document["manifest_hash"] == manifest.hash
    assert (record["images"], document["images"], document["read"]) == (46, 50, 46)


def test_each_fault_is_named_once(document: dict[str, Any]) -> None:
    kinds = ("broken", "copies", "near_duplicates", "contradictions", "outliers", "small_classes")
    assert {kind: len(document[kind]) for kind in kinds} == {
        "broken": 4,
        "copies": 3,
        "near_duplicates": 2,
        "contradictions": 2,
        "outliers": 3,
        "small_classes": 1,
    }
    assert [(row["label"], row["images"]) for row in document["small_classes"]] == [("df", 4)]


def test_the_page_needs_nothing_but_itself(new_run: Run, document: dict[str, Any]) -> None:
    page = (new_run.folder / "audit.html").read_text(encoding="utf-8")
    assert document["manifest_hash"] in page
    assert page.count("data:image/jpeg;base64,") >= 8
    for outside in ('src="http', 'href="http', "<script src", "@import"):
        assert outside not in page


def test_what_was_found_and_how_to_go_on_is_printed(
    new_run: Run, new_data: NewData, planted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(new_run, new_data(planted), None, "link", {})
    printed = capsys.readouterr().out
    rows = [[cell.strip() for cell in line.split("\u2502")[1:3]] for line in printed.splitlines()]
    assert ["Files that cannot be read", "4 files"] in rows
    assert ["Identical copies", "3 sets"] in rows
    assert ["Small classes", "1 class"] in rows
    assert printed.endswith(
        f"report: {new_run.folder / 'audit.html'}\n"
        f"augmentations: {new_run.folder / 'figures' / 'augmentations.png'}\n"
        f"train on it with: data=prepared data.manifest={new_run.folder}\n"
    )


def test_folders_are_exported_where_asked_for(
    new_run: Run, new_data: NewData, planted: Path, tmp_path: Path
) -> None:
    prepare(new_run, new_data(planted), str(tmp_path / "folders"), "copy", {})
    exported = folder(str(tmp_path / "folders"), None).table
    table = read_manifest(new_run.folder / "manifest.csv").table
    assert exported.groupby(["split", "label"]).size().equals(table.groupby(["split", "label"]).size())


def test_a_folder_in_use_is_refused_before_anything_is_read_or_written(
    new_run: Run, new_data: NewData, tmp_path: Path
) -> None:
    (tmp_path / "used").mkdir()
    with pytest.raises(InputError, match=r"used exists; name a new folder"):
        prepare(new_run, new_data(tmp_path / "nowhere"), str(tmp_path / "used"), "link", {})
    assert list(new_run.folder.iterdir()) == []


REFUSED = ["audit.html", "audit.json", "config.yaml", "leakage.csv", "run.json"]


def test_what_is_not_allowed_is_shown_and_leaves_no_manifest(
    new_run: Run, new_data: NewData, planted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    audit = AuditSettings("fail", "fail", "fail", "pictures", "keep", "keep", cache_dir=None)
    with pytest.raises(InputError, match=r"4 image\(s\) cannot be read: .*; .*run/audit\.html says more$"):
        prepare(new_run, new_data(planted, audit=audit), str(tmp_path / "folders"), "link", {})
    assert sorted(path.name for path in new_run.folder.iterdir()) == REFUSED
    assert not (tmp_path / "folders").exists()
    document = json.loads((new_run.folder / "audit.json").read_text())
    assert [len(document[kind]) for kind in ("refused", "broken", "copies")] == [3, 4, 3]
    assert {pair["action"] for pair in document["near_duplicates"]} == {"not allowed"}
    page = (new_run.folder / "audit.html").read_text(encoding="utf-8")
    assert "The run stopped here: data.copies=fail, and there are 3 set(s)" in page
    assert document["manifest_hash"] not in page
    assert json.loads((new_run.folder / "run.json").read_text())["manifest_hash"] is None
    assert "train on it with" not in capsys.readouterr().out


def test_a_checkpoint_brings_nothing_to_prepare(new_run: Run, new_data: NewData) -> None:
    with pytest.raises(InputError, match="there is no data to prepare; name it with data=folder"):
        prepare(new_run, new_data(None), None, "link", {})


def test_a_run_that_trained_is_not_overwritten(new_run: Run, new_data: NewData, planted: Path) -> None:
    (new_run.folder / "checkpoints").mkdir()
    with pytest.raises(InputError, match="holds a run that trained"):
        prepare(new_run, new_data(planted), None, "link", {})


def test_near_duplicates_in_two_splits_are_counted_everywhere_where_they_are_allowed(
    new_run: Run, new_data: NewData, leaky_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(InputError, match=r"leaks: 1 group\(s\)"):
        prepare(new_run, new_data(leaky_root), None, "link", {})
    assert sorted(path.name for path in new_run.folder.iterdir()) == REFUSED
    assert "train and test,mel,1,2,0\n" in (new_run.folder / "leakage.csv").read_text()
    assert "The run stopped here: the split of" in (new_run.folder / "audit.html").read_text()
    assert "accepts it" not in capsys.readouterr().out
    prepare(new_run, new_data(leaky_root, allow_leakage=True), None, "link", {})
    assert json.loads((new_run.folder / "run.json").read_text())["leaking_groups"] == 1
    assert "train and test,mel,1,2,0\n" in (new_run.folder / "leakage.csv").read_text()
    document = json.loads((new_run.folder / "audit.json").read_text())
    leaks = [row for row in document["leakage"] if row["groups"]]
    assert [(row["label"], row["splits"], row["images"]) for row in leaks] == [("mel", ["train", "test"], 2)]
    assert "Shared by two splits: 1 group, 2 images" in (new_run.folder / "audit.html").read_text()
    assert "data.allow_leakage=true accepts it" in capsys.readouterr().out


def test_shards_are_written_where_asked_for(
    new_run: Run, new_data: NewData, planted: Path, tmp_path: Path
) -> None:
    pytest.importorskip("litdata", reason="litdata is not installed")
    prepare(new_run, new_data(planted, stream=str(tmp_path / "store")), None, "link", {})
    manifest = read_manifest(new_run.folder / "manifest.csv")
    for split in ("train", "val", "test"):
        found = find_shards(str(tmp_path / "store"), replace(manifest, root=tmp_path / "gone"), split)
        assert len(found.rows) == len(manifest.rows(split))


def test_an_object_store_is_refused_before_anything_is_read_or_written(
    new_run: Run, new_data: NewData, tmp_path: Path
) -> None:
    pytest.importorskip("litdata", reason="litdata is not installed")
    with pytest.raises(InputError, match=r"data\.stream=s3://skin is no folder"):
        prepare(new_run, new_data(tmp_path / "nowhere", stream="s3://skin"), None, "link", {})
    assert list(new_run.folder.iterdir()) == []


def test_images_that_only_shards_hold_are_not_prepared_anew(
    new_run: Run, new_data: NewData, planted: Path, tmp_path: Path
) -> None:
    pytest.importorskip("litdata", reason="litdata is not installed")
    manifest = replace(new_data(planted).manifest, root=tmp_path / "gone")
    manifest.write(tmp_path / "manifest.csv")
    store = str(tmp_path / "store")
    source = partial(prepared, str(tmp_path / "manifest.csv"), None, store)
    data = new_data(None, source=source, stream=store)
    with pytest.raises(InputError, match=r"gone does not exist, and an audit looks at the images' files"):
        prepare(new_run, data, None, "link", {})
    assert list(new_run.folder.iterdir()) == []
