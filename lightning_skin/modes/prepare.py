"""mode=prepare: look at all images before anything is trained on them, and settle the split."""

import json
import shlex
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.table import Table

from lightning_skin import __version__
from lightning_skin.atomic import atomic_path
from lightning_skin.data.audit.document import audit_document
from lightning_skin.data.audit.page import audit_page
from lightning_skin.data.audit.thumbnails import thumbnail
from lightning_skin.data.audit.verdict import findings
from lightning_skin.data.build import build_manifest
from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.data.export import export_folders, require_folder_names, require_new
from lightning_skin.data.folders import require_folder, require_outside
from lightning_skin.data.leakage import leaking_groups
from lightning_skin.data.manifest import Manifest
from lightning_skin.data.stream.shards import require_local, write_shards
from lightning_skin.errors import InputError
from lightning_skin.modes.leakage import report_split
from lightning_skin.modes.run_folder import Run


def prepare(
    run: Run,
    data: SkinLesionDataModule,
    export_dir: str | None,
    export_as: Literal["link", "copy"],
) -> None:
    """Write ``audit.json``, ``audit.html``, ``manifest.csv`` and ``leakage.csv``, and shards if asked for.

    Args:
        run: Where to write.
        data: Images, how to split them, and what to look for.
        export_dir: New folder for train, val and test folders of images; ``None`` for none.
        export_as: ``link`` or ``copy``.

    Raises:
        InputError: The images hold what the settings do not allow, the split leaks, or a folder is in use.
    """
    run.claim()
    if data.source is None:
        raise InputError("there is no data to prepare; name it with data=folder data.root=FOLDER")
    export_to = None if export_dir is None else Path(export_dir).expanduser()
    if export_to is not None:
        require_new(export_to)
        require_folder(export_to, "data.export_dir")
    if data.stream is not None:
        require_local(data.stream)
    manifest, audit = build_manifest(data.source(), data.split, data.audit)
    if audit is None:
        raise InputError(
            f"{manifest.root} does not exist, and an audit looks at the images' files, not at shards; "
            "name their folder with data.moved_to=FOLDER"
        )
    if export_to is not None:
        require_folder_names(manifest.class_names)
        require_outside(export_to, manifest.root, "data.export_dir")
    run.start(
        mode="prepare",
        manifest_hash=manifest.hash,
        leaking_groups=len(leaking_groups(manifest)),
        class_names=manifest.class_names,
    )
    manifest.write(run.folder / "manifest.csv")
    report_split(manifest, run.folder)
    document = _write(run, manifest, audit_document(manifest, audit, data.audit))
    if export_to is not None:
        export_folders(manifest, export_to, export_as)
    if data.stream is not None:
        write_shards(data.stream, manifest)
    run.finish(images=len(manifest.table))
    _print(document, run.folder, export_to)


def _write(run: Run, manifest: Manifest, described: Mapping[str, Any]) -> Mapping[str, Any]:
    document = {
        **described,
        "created": datetime.now().astimezone().isoformat(timespec="seconds"),
        "version": __version__,
        "seconds": run.seconds(),
    }
    page = audit_page(document, lambda path: thumbnail(manifest.root / path))
    for name, text in (("audit.json", json.dumps(document, indent=2) + "\n"), ("audit.html", page)):
        with atomic_path(run.folder / name) as path:
            path.write_text(text, encoding="utf-8")
    return document


def _print(document: Mapping[str, Any], folder: Path, exported: Path | None) -> None:
    table = Table("Looked for")
    table.add_column("Found", justify="right")
    table.add_column("What was done")
    for line in findings(document):
        table.add_row(line.name, f"{line.found:,} {line.unit}", line.done)
    command = shlex.join(["data=prepared", f"data.manifest={folder}"])
    lines = [f"report: {folder / 'audit.html'}", f"train on it with: {command}"]
    if exported is not None:
        lines.insert(1, f"folders: {exported}")
    console = Console()
    console.print(table)
    for text in lines:
        console.print(text, markup=False, highlight=False, soft_wrap=True)
