"""What do leaked lesions add to a score? ``python benchmarks/leakage.py DATA FOLDER``.

DATA is a folder that ``data=ham10000`` reads. Its images are split at random, image by image, as most
published scores were. Two tables with the same validation and test images are written into FOLDER:
``leaking.csv`` trains on other images of the tested lesions too, ``clean.csv`` on none of them. So many other
images are taken from ``leaking.csv`` that both train on equally many of each class, as far as there are
enough. The commands that train on them are printed; ``--read RUN RUN`` prints the scores of both runs as a
Markdown table.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from lightning_skin.data.ham10000 import ham10000
from lightning_skin.data.split import assign_splits

FRACTIONS = (0.7, 0.1, 0.2)
SHOWN = ("balanced_accuracy", "accuracy", "auroc", "recall_mel")


def main() -> None:
    """Write the tables, or read the runs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("paths", nargs=2, type=Path, metavar="DATA FOLDER, or LEAKING_RUN CLEAN_RUN")
    parser.add_argument("--read", action="store_true", help="the paths are two runs")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    first, second = chosen.paths
    if chosen.read:
        show(first, second)
    else:
        write(first, second, chosen.seed)


def write(data: Path, folder: Path, seed: int) -> None:
    """Split the images of ``data`` one by one, and write both tables into ``folder``."""
    source = ham10000(str(data))
    images = source.table[["path", "label", "group"]].copy()
    images["split"] = assign_splits(images["label"].tolist(), images["path"].tolist(), FRACTIONS, seed)
    train = images["split"] == "train"
    held_out = set(images["group"][~train])
    leaked = train & images["group"].isin(held_out)
    tested = images["split"] == "test"
    known = images["group"].isin(set(images["group"][train]))
    print(f"{(tested & known).sum()} of {tested.sum()} test images show a lesion that has images in training")
    clean = images[~leaked]
    counts = images["label"][leaked].value_counts()
    rng = np.random.default_rng(seed)
    dropped: list[int] = []
    for label, count in counts.items():
        others = images.index[train & ~leaked & (images["label"] == label)].to_numpy()
        dropped += rng.choice(others, min(int(count), len(others)), replace=False).tolist()
    leaking = images.drop(index=dropped)
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in (("leaking", leaking), ("clean", clean)):
        file = folder / f"{name}.csv"
        table.to_csv(file, index=False)
        print(f"{file}: {(table['split'] == 'train').sum()} training images")
        print(
            f"python scripts/run.py experiment=ham10000_cpu data=csv data.root={source.root} "
            f"data.table={file} data.allow_leakage=true data.near_duplicates=ignore "
            f"hydra.run.dir={folder / name}"
        )


def show(leaking: Path, clean: Path) -> None:
    """Print the scores of the two runs on the same test images."""
    print(f"| trained | {' | '.join(SHOWN)} |\n| --- |{' --- |' * len(SHOWN)}")
    for name, run in (("with other images of tested lesions", leaking), ("without", clean)):
        metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
        intervals = metrics["intervals"]["test"]
        cells = [
            f"{metrics['test'][key]:.3f} [{intervals[key][0]:.3f}, {intervals[key][1]:.3f}]" for key in SHOWN
        ]
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
