"""mode=prepare: look at all images before anything is trained on them, and settle the split."""

import json
import shlex
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.table import Table

from lightning_skin import __version__
from lightning_skin.atomic import atomic_path
from lightning_skin.data.audit.audit import audit_images
from lightning_skin.data.audit.document import audit_document
from lightning_skin.data.audit.page import audit_page
from lightning_skin.data.audit.thumbnails import thumbnail
from lightning_skin.data.audit.verdict import findings
from lightning_skin.data.build import split_manifest
from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.data.export import export_folders, require_folder_names, require_new
from lightning_skin.data.folders import require_folder, require_outside
from lightning_skin.data.leakage import judge_leakage, leaking_groups
from lightning_skin.data.malignant import choose_malignant
from lightning_skin.data.manifest import Manifest
from lightning_skin.data.sources import Source
from lightning_skin.data.split_settings import SplitSettings
from lightning_skin.data.stream.shards import require_local, write_shards
from lightning_skin.errors import InputError
from lightning_skin.modes.augmentation_picture import Choices, draw_augmentations
from lightning_skin.modes.leakage import report_split
from lightning_skin.modes.run_folder import Run


def prepare(
    run: Run,
    data: SkinLesionDataModule,
    export_dir: str | None,
    export_as: Literal["link", "copy"],
    augmentations: Choices,
) -> None:
    """Write ``audit.json``, ``audit.html``, ``manifest.csv`` and ``leakage.csv``, and shards if asked for.

    ``figures/augmentations.png`` shows what each augmentation does to some of the images.

    Args:
        run: Where to write.
        data: Images, how to split them, and what to look for.
        export_dir: New folder for train, val and test folders of images; ``None`` for none.
        export_as: ``link`` or ``copy``.
        augmentations: To show beside those that ``data`` would train with.

    Raises:
        InputError: A folder is in use or no split can be made: nothing is written. The images hold what the
            settings do not allow or a given split leaks: audit and leak table show it, but neither manifest
            nor what follows from it is written.
    """
    run.claim()
    export_to = None if export_dir is None else Path(export_dir).expanduser()
    source = _source(data, export_to)
    malignant = choose_malignant(data.named_malignant, source.malignant, sorted(set(source.table["label"])))
    audit = audit_images(source, data.audit)
    manifest = split_manifest(source, audit, data.split)
    refused = [*audit.refused, *_leak(manifest, data.split)]
    if export_to is not None:
        require_folder_names(manifest.class_names)
    run.start(
        mode="prepare",
        manifest_hash=None if refused else manifest.hash,
        leaking_groups=len(leaking_groups(manifest)),
        class_names=manifest.class_names,
    )
    report_split(manifest, run.folder, data.split.allow_leakage)
    document = _write(run, manifest, audit_document(manifest, audit, data.audit, refused))
    _print(document)
    if refused:
        raise InputError(f"{refused[0]}; {run.folder / 'audit.html'} says more")
    manifest.write(run.folder / "manifest.csv")
    draw_augmentations(data, manifest, augmentations, run.folder / "figures" / "augmentations.png")
    if export_to is not None:
        export_folders(manifest, export_to, export_as)
    if data.stream is not None:
        write_shards(data.stream, manifest)
    run.finish(images=len(manifest.table))
    _print_next(run.folder, export_to, malignant)


def _source(data: SkinLesionDataModule, export_to: Path | None) -> Source:
    """The images, once it is known that what is asked for can be written."""
    if data.source is None:
        raise InputError("there is no data to prepare; name it with data=folder data.root=FOLDER")
    if export_to is not None:
        require_new(export_to)
        require_folder(export_to, "data.export_dir")
    if data.stream is not None:
        require_local(data.stream)
    source = data.source()
    if source.inspected:
        raise InputError(
            f"{source.root} does not exist, and an audit looks at the images' files, not at shards; "
            "name their folder with data.moved_to=FOLDER"
        )
    if export_to is not None:
        require_outside(export_to, source.root, "data.export_dir")
    return source


def _leak(manifest: Manifest, split: SplitSettings) -> list[str]:
    try:
        judge_leakage(manifest, split.allow_leakage)
    except InputError as error:
        return [str(error)]
    return []


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


def _print(document: Mapping[str, Any]) -> None:
    table = Table("Looked for")
    table.add_column("Found", justify="right")
    table.add_column("What was done")
    for line in findings(document):
        table.add_row(line.name, f"{line.found:,} {line.unit}", line.done)
    Console().print(table)


def _print_next(folder: Path, exported: Path | None, malignant: Sequence[str]) -> None:
    overrides = ["data=prepared", f"data.manifest={folder}"]
    if malignant:  # a manifest does not say
        overrides.append(f"data.malignant=[{','.join(malignant)}]")
    command = shlex.join(overrides)
    lines = [f"report: {folder / 'audit.html'}", f"train on it with: {command}"]
    picture = folder / "figures" / "augmentations.png"
    if picture.is_file():
        lines.insert(1, f"augmentations: {picture}")
    if exported is not None:
        lines.insert(1, f"folders: {exported}")
    console = Console()
    for text in lines:
        console.print(text, markup=False, highlight=False, soft_wrap=True)
