"""What --help prints, read from the first comment lines of the configuration files."""

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

from lightning_skin.cli.conf_folder import list_groups

WIDTH = 100
INDENT = 22
# Not trainer, callbacks and logger, which offer nothing to choose from.
GROUPS = (
    "mode",
    "experiment",
    "data",
    "data/augmentation",
    "model",
    "model/optimizer",
    "model/scheduler",
    "model/loss",
    "model/transfer",
    "explain",
    "debug",
)

INTRODUCTION = """\
Train, judge and explain skin-lesion classifiers.

usage: python scripts/run.py [GROUP=CHOICE ...] [KEY=VALUE ...]
       python scripts/run.py -m KEY=VALUE,VALUE ...      a sweep: one run for each value

Without arguments it draws synthetic lesions, trains on them and tests the best checkpoint.
Where the package is installed, `lightning-skin` stands for `python scripts/run.py`."""

EXAMPLES = """\
examples (each behind `python scripts/run.py`; RUN is the folder that a run wrote, IMAGES a folder)
  train on class folders      data=folder data.root=IMAGES
  change what is trained      model=resnet18 model.optimizer.lr=3e-4 trainer.max_epochs=50
  from ImageNet weights       data=folder data.root=IMAGES model.weights=IMAGENET1K_V2
  an experiment, smaller      experiment=ham10000_cpu data.image_size=64
  compare settings            -m model=resnet18,resnet50 seed=0,1,2
  test a run again            mode=test ckpt_path=RUN
  test it on other images     mode=test ckpt_path=RUN data=folder data.root=IMAGES
  test runs as an ensemble    mode=test 'ckpt_path=[RUN,RUN]' test.tta=dihedral
  compare runs                mode=compare 'runs=[RUN,RUN]'
  draw heat maps              mode=explain ckpt_path=RUN images=IMAGES
  resume a stopped run        ckpt_path=RUN
  does everything run?        debug=smoke"""

KEYS = """\
keys (all: --cfg job; those of one group: --cfg job --package data)
  data.root=FOLDER              where the images are
  data.fractions=[0.7,0.1,0.2]  shares of train, val and test; no lesion or patient is divided
  data.image_size=224           side of the square that the network sees, in pixels
  data.batch_size=32            images in a step
  data.num_workers=null         processes that read images; null chooses
  model.weights=null            null (from scratch), IMAGENET1K_V2, or a file
  model.train_from=null         what is trained: null (all), head, or a stage such as layer4
  model.dropout=0.3             of the head
  model.optimizer.lr=1e-3       highest learning rate
  model.loss.class_weights=none none, balanced, or a mapping such as {mel: 3.0}
  trainer.max_epochs=30         like the other arguments of Lightning's Trainer
  explain.method=gradcam        gradcam, gradcam++, hirescam, layercam, xgradcam or eigencam
  explain.max_images=null       of a folder or split; null explains all
  seed=0                        of weights, order, augmentation and split
  ckpt_path=RUN                 a run folder or a checkpoint; of mode=test also a sweep, or a list
  test.tta=none                 also average over flips (4 views) or the dihedral group (8)
  runs=[RUN,RUN]                runs, sweeps or tables for mode=compare; the first is the baseline
  hydra.run.dir=FOLDER          writes the run there; of a sweep: hydra.sweep.dir=FOLDER"""

OUTPUTS = """\
outputs (below the folder you stand in; curves: tensorboard --logdir outputs)
  outputs/MODE/TIME/            checkpoints, metrics.json, predictions, figures, explanations
  outputs/sweep/TIME/           leaderboard.csv and a folder for each job
"""


def help_text(conf_folder: Path) -> str:
    """Describe usage, groups with their choices, experiments, keys and outputs.

    Args:
        conf_folder: Folder of ``config.yaml``.
    """
    choices = list_groups(conf_folder)
    defaults = dict(re.findall(r"^  - ([\w/]+): (\w+)", (conf_folder / "config.yaml").read_text(), re.M))
    groups = [_group(conf_folder, group, choices[group], defaults[group]) for group in GROUPS]
    title = "groups (* is the default)"
    return "\n\n".join([INTRODUCTION, EXAMPLES, "\n".join([title, *groups]), KEYS, OUTPUTS])


def _group(conf_folder: Path, group: str, choices: list[str], default: str) -> str:
    lines = [_choice(choice, choice == default, conf_folder / group / f"{choice}.yaml") for choice in choices]
    return "\n".join([f"  {group}=", *lines])


def _choice(name: str, is_default: bool, file: Path) -> str:
    start = f"  {'*' if is_default else ' '} {name}"
    summary = next(_comments(file), "")
    return textwrap.fill(f"{start:<{INDENT}}{summary}", WIDTH, subsequent_indent=" " * INDENT)


def _comments(file: Path) -> Iterator[str]:
    for line in file.read_text(encoding="utf-8").splitlines():
        text = line.removeprefix("#").strip()
        if line.startswith("#") and not text.startswith("@package"):
            yield text
