"""Settings that contradict each other, from the command line."""

import pytest

from lightning_skin.cli.arguments import split_arguments
from lightning_skin.cli.conf_folder import find_conf_folder
from lightning_skin.cli.errors import ConfigurationError
from lightning_skin.cli.preflight import check_command_line

FROZEN = "model/transfer=frozen model.weights=IMAGENET1K_V2"


def check(command: str) -> None:
    line = split_arguments(command.split())
    check_command_line(line.overrides, find_conf_folder(), line.multirun)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (
            f"{FROZEN} model.transfer.cached_views=1 model.train_from=layer4 data/augmentation=none",
            "model.transfer.cached_views=1 keeps features of a frozen backbone, of which "
            "model.train_from=layer4 trains a part",
        ),
        (
            f"{FROZEN} model.transfer.cached_views=1 model.train_from=null data/augmentation=none",
            "model.transfer.cached_views=1 keeps features of a frozen backbone, of which "
            "model.train_from=null trains a part",
        ),
        (
            f"{FROZEN} model.transfer.cached_views=1 data/augmentation=light",
            "model.transfer.cached_views=1 keeps each image as it is evaluated, so that "
            "data/augmentation=light would be ignored; add data/augmentation=none",
        ),
        (
            f"{FROZEN} model.transfer.cached_views=1 data/augmentation=none data.erasing=0.5",
            "model.transfer.cached_views=1 keeps each image as it is evaluated, so that data.erasing=0.5",
        ),
        (
            f"{FROZEN} model.transfer.cached_views=4 data/augmentation=none",
            "model.transfer.cached_views=4 would keep 4 equal views of each image",
        ),
        (
            f"{FROZEN} model.transfer.cached_views=4 data.mixing=mixup",
            "data.mixing=mixup blends images, which model.transfer.cached_views=4 reads no more",
        ),
        ("experiment=gradual find=lr", "find=lr looks at the first steps, in which model/transfer=gradual"),
        (
            "model/transfer=gradual",
            "model/transfer=gradual trains a head on a frozen backbone, whose weights",
        ),
        ("model/transfer=frozen", "model/transfer=frozen trains a head on a frozen backbone, whose weights"),
        (
            "model/transfer=gradual model.weights=IMAGENET1K_V2 trainer.strategy=fsdp",
            "model/transfer=gradual cannot unfreeze what trainer.strategy=fsdp has divided",
        ),
        (
            "model/transfer=layerwise model.train_from=head",
            "model.train_from is head, which leaves model/transfer=layerwise no stage",
        ),
        (
            f"-m {FROZEN} model.transfer.cached_views=null,1",
            "model.transfer.cached_views=1 keeps each image as it is evaluated",
        ),
    ],
)
def test_it_is_named_with_its_remedy(command: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        check(command)
    (problem,) = caught.value.problems
    assert problem.startswith(said)


@pytest.mark.parametrize(
    "command",
    [
        FROZEN,
        f"{FROZEN} model.transfer.cached_views=1 data/augmentation=none",
        f"{FROZEN} model.transfer.cached_views=4 data/augmentation=fused",
        f"{FROZEN} model.transfer.cached_views=4 data/augmentation=none data.erasing=0.5",
        "experiment=frozen",
        "experiment=gradual model.train_from=layer2 trainer.strategy=ddp",
        "experiment=layerwise model.train_from=layer2 trainer.strategy=fsdp",
    ],
)
def test_what_fits_together_is_accepted(command: str) -> None:
    check(command)
