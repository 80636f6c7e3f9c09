"""What --help prints, read from the first comment lines of the configuration files."""

from collections.abc import Iterator
from pathlib import Path

from lightning_skin.cli.conf_folder import list_groups

GROUPS = (
    "mode",
    "data",
    "data/augmentation",
    "model",
    "model/optimizer",
    "model/scheduler",
    "model/loss",
    "explain",
    "experiment",
    "debug",
)

INTRODUCTION = """\
Train, judge and explain skin-lesion classifiers.

usage: python scripts/run.py [GROUP=CHOICE ...] [KEY=VALUE ...]      (installed: lightning-skin ...)
       python scripts/run.py -m KEY=VALUE,VALUE ...                  a sweep, one run per value

A bare `python scripts/run.py` draws synthetic lesions, trains on them and tests the result."""

EXAMPLES = """\
examples
  train on your class folders                 data=folder data.root=DIR
  change what is trained                      model=resnet18 model.optimizer.lr=3e-4 trainer.max_epochs=50
  start from ImageNet weights                 data=folder data.root=DIR model.weights=IMAGENET1K_V2
  run an experiment, smaller                  experiment=ham10000_cpu data.image_size=64
  compare settings                            -m experiment=baseline seed=0,1,2 model=resnet18,resnet50
  test a run, on its test split or new data   mode=test ckpt_path=RUN [data=folder data.root=DIR]
  draw heat maps                              mode=explain ckpt_path=RUN images=FILE_OR_FOLDER
  resume a run that stopped                   ckpt_path=RUN"""

KEYS = """\
keys (all of them: --cfg job; of one group: --cfg job --package data)
  data.root=DIR                  where the images are
  data.fractions=[0.7,0.1,0.2]   shares of train, val and test; lesions or patients are never divided
  data.image_size=224            side of the square that the network sees, in pixels
  data.batch_size=32             images a step
  data.num_workers=null          processes that read images
  model.weights=null             null (from scratch), IMAGENET1K_V2, or a file
  model.train_from=null          null (all), head, or a stage such as layer4: what is trained
  model.dropout=0.3              of the head
  model.optimizer.lr=1e-3        highest learning rate
  model.loss.class_weights=none  none, balanced, or a mapping such as {mel: 3.0}
  trainer.max_epochs=30          and every other argument of Lightning's Trainer
  explain.method=gradcam         which class activation map
  explain.max_images=null        explain so many of a folder or split
  seed=0                         of weights, order, augmentation and split
  ckpt_path=RUN                  a run folder or a checkpoint"""

OUTPUTS = """\
outputs
  outputs/<mode>/<time>/         checkpoints, metrics.json, predictions, figures, explanations, TensorBoard
  outputs/sweep/<time>/          leaderboard.csv and a folder for each job
  hydra.run.dir=DIR              writes a run to DIR instead; tensorboard --logdir outputs shows all curves
"""


def help_text(conf_folder: Path) -> str:
    """Describe usage, groups with their choices, experiments, keys and outputs.

    Args:
        conf_folder: Folder of ``config.yaml``.
    """
    choices = list_groups(conf_folder)
    groups = [_group(conf_folder, group, choices[group]) for group in GROUPS]
    return "\n\n".join([INTRODUCTION, EXAMPLES, "groups\n" + "\n".join(groups), KEYS, OUTPUTS])


def _group(conf_folder: Path, group: str, choices: list[str]) -> str:
    lines = [f"    {choice:<18} {_summary(conf_folder / group / f'{choice}.yaml')}" for choice in choices]
    return "\n".join([f"  {group}=", *lines])


def _summary(file: Path) -> str:
    return next(_comments(file), "")


def _comments(file: Path) -> Iterator[str]:
    for line in file.read_text(encoding="utf-8").splitlines():
        text = line.removeprefix("#").strip()
        if line.startswith("#") and not text.startswith("@package"):
            yield text
