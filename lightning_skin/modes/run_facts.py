"""What the files of a run folder say about the run, for its report."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from lightning_skin.data.leakage import leak_table
from lightning_skin.data.manifest import Manifest, read_manifest
from lightning_skin.data.split import SPLITS
from lightning_skin.evaluation.report.facts import Leak, RunFacts
from lightning_skin.modes.tables import record_of

MANIFEST, CONFIG, HISTORY = "manifest.csv", "config.yaml", "metrics.csv"


def run_facts(
    folder: Path, *, trained: Path | None = None, seconds: float | None = None, trained_on: int = 0
) -> RunFacts:
    """Read what a report tells about its run.

    Args:
        folder: Of the run that is reported.
        trained: Of the run that trained its network, whose recipe is told; ``None`` tells that of ``folder``.
        seconds: How long the run took so far, where its record does not say it yet.
        trained_on: Test images that were trained on, or whose lesion or patient was.
    """
    origin = folder if trained is None else trained
    record, config, history = record_of(origin), _config(origin), _history(origin)
    manifest = _manifest(folder) or _manifest(origin)
    return RunFacts(
        name=folder.resolve().name,
        created=datetime.now().astimezone().isoformat(timespec="seconds"),
        started=record.get("started", ""),
        seconds=record.get("seconds", seconds),
        command=record.get("command", ""),
        seed=int(record.get("seed", 0)),
        device=_device(record),
        commit=_commit(record),
        versions=record.get("versions", {}),
        recipe=_recipe(config, record, history),
        config=yaml.safe_dump(config, sort_keys=False, allow_unicode=True) if config else "",
        monitor=str(config.get("monitor", "")) if record.get("mode") == "fit" else "",
        history=history,
        trained_on=trained_on,
        **_data(manifest),
    )


def _config(folder: Path) -> dict[str, Any]:
    path = folder / CONFIG
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {} if path.is_file() else {}


def _manifest(folder: Path) -> Manifest | None:
    return read_manifest(folder / MANIFEST) if (folder / MANIFEST).is_file() else None


def _data(manifest: Manifest | None) -> dict[str, Any]:
    if manifest is None:
        return {}
    table = manifest.table
    counts = table.groupby(["label", "split"]).size().unstack(fill_value=0)
    counts = counts.reindex(columns=list(SPLITS), fill_value=0)
    stated = table["licence"].replace("", "not stated") if "licence" in table else pd.Series(dtype=str)
    # Of one split nothing can be shared.
    leaks = leak_table(manifest).itertuples(index=False) if table["split"].nunique() > 1 else ()
    return {
        "data": str(manifest.root),
        "manifest_hash": manifest.hash,
        "counts": {
            str(label): {split: int(row[split]) for split in SPLITS} for label, row in counts.iterrows()
        },
        "licences": {str(name): int(count) for name, count in stated.value_counts().items()},
        "leaks": [
            Leak(str(row.splits), str(row.label), *(int(str(count)) for count in row[2:])) for row in leaks
        ],
    }


def _history(folder: Path) -> list[dict[str, float]]:
    path = folder / HISTORY
    if not path.is_file():
        return []
    try:
        rows = pd.read_csv(path)
    except pd.errors.EmptyDataError:  # a run that ended before its first epoch
        return []
    return [{str(key): float(value) for key, value in row.dropna().items()} for _, row in rows.iterrows()]


def _device(record: Mapping[str, Any]) -> str:
    cores = f"{record['cpus']} CPU cores" if record.get("cpus") else ""
    return ", ".join(part for part in (record.get("device"), cores, record.get("platform")) if part)


def _commit(record: Mapping[str, Any]) -> str:
    git = record.get("git")
    if not git:
        return ""
    return git["commit"] + (", changed since" if git["dirty"] else "")


def _recipe(
    config: Mapping[str, Any], record: Mapping[str, Any], history: Sequence[Mapping[str, float]]
) -> dict[str, str]:
    """Title and value of what was trained and how; nothing for a run that trained nothing."""
    if record.get("mode") != "fit":
        return {}
    data, model = config.get("data", {}), config.get("model", {})
    optimizer, loss = model.get("optimizer") or {}, model.get("loss") or {}
    told = {
        "Network": f"{model.get('name')} of {model.get('library')}",
        "Weights": f"start from {model['weights']}" if model.get("weights") else "start from scratch",
        "Images": _pixels(data.get("image_size")),
        "Colours": data.get("colour_constancy", ""),
        "Border": data.get("border_crop", ""),
        "Augmentation": _augmentation(data),
        "Sampler": data.get("sampler", ""),
        "Loss": _name(loss),
        "Class weights": str(loss.get("class_weights", "")),
        "Optimizer": f"{_name(optimizer)}, learning rate {optimizer.get('lr')}",
        "Batch": str(data.get("batch_size", "")),
        "Schedule": _name(model.get("scheduler")),
        "Epochs": f"{1 + max(row['epoch'] for row in history):.0f}" if history else "",
    }
    return {title: value for title, value in told.items() if value and value != "none"}


def _pixels(size: int | None) -> str:
    return "as large as the network was made for" if size is None else f"{size} x {size} pixels"


def _augmentation(data: Mapping[str, Any]) -> str:
    augmentation = data.get("augmentation") or {}
    name = _name(augmentation)
    mixing = data.get("mixing", "none")
    return name if mixing == "none" else f"{name}, {mixing}"


def _name(part: Mapping[str, Any] | None) -> str:
    """Last part of what a group of the configuration builds."""
    return str((part or {}).get("_target_", "none")).rpartition(".")[2]
