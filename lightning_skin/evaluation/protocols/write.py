"""All protocols by name."""

from collections.abc import Sequence
from pathlib import Path

from lightning_skin.errors import InputError
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.protocols import isic, medmnist

CHALLENGES = {challenge.name: challenge for challenge in (isic.ISIC2018, isic.ISIC2019)}
MEDMNIST = ("dermamnist", "dermamnist_64", "dermamnist_128", "dermamnist_224")
"""By image size, 28 without."""
PROTOCOLS = (*CHALLENGES, *MEDMNIST)


def check_protocols(
    names: Sequence[str], class_names: Sequence[str], images: Sequence[str], *, split: str = "test"
) -> None:
    """Make sure that ``write_protocols`` can do what is asked for, before there are any predictions.

    Args:
        names: Of protocols.
        class_names: That the classifier tells apart.
        images: Names or paths of the images that will be judged.
        split: That they are of: train, val or test.

    Raises:
        InputError: A protocol is unknown, or asks for other classes or images.
    """
    for name in names:
        if name in CHALLENGES:
            isic.check(CHALLENGES[name], class_names, images)
        elif name in MEDMNIST:
            medmnist.check(name, class_names, len(images), split)
        else:
            raise InputError(
                f"evaluation.protocols={name} is no protocol, expected one of {', '.join(PROTOCOLS)}"
            )


def write_protocols(
    table: Predictions, folder: Path, names: Sequence[str], *, split: str = "test", run: str = "1"
) -> dict[str, dict[str, float]]:
    """Score a table by the rules of public benchmarks, and write it in their formats.

    Writes ``isic2018_<split>.csv`` and ``isic2019_<split>.csv``, submissions to the challenges, and
    ``dermamnist_<split>_[AUC]<auc>_[ACC]<acc>@<run>.csv``, as the benchmark's evaluator calls it. Nothing is
    written where one of them cannot be.

    Args:
        table: What a classifier said.
        folder: For the files; made if need be.
        names: Of protocols, of ``PROTOCOLS``.
        split: That the images are of: train, val or test.
        run: Tells result files of several trainings apart, such as by their seeds.

    Returns:
        The scores of each protocol.

    Raises:
        InputError: A protocol is unknown or asks for other classes or images.
    """
    check_protocols(names, table.class_names, table.images.tolist(), split=split)
    scores = {
        name: isic.score(CHALLENGES[name], table) if name in CHALLENGES else medmnist.score(table)
        for name in names
    }
    for name, found in scores.items():
        if name in CHALLENGES:
            isic.write_submission(CHALLENGES[name], table, folder / f"{name}_{split}.csv")
        else:
            medmnist.write_results(table, folder / medmnist.file_name(name, split, found, run))
    return scores
