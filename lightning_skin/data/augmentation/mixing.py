"""Batches in which images and labels are blended with their neighbours'."""

import hashlib

import torch
from torch import Tensor
from torchvision.transforms import v2


class Mixing:
    """MixUp, CutMix or either of them, the same for all images of a batch.

    MixUp (Zhang et al., ICLR 2018) blends the whole image, CutMix (Yun et al., ICCV 2019) pastes a rectangle;
    the share of the other image, of its intensity or its area, is its share of the label too. The other image
    is the one before it in the batch.

    Args:
        kind: ``mixup``, ``cutmix``, or ``both``: one or the other, as likely.
        mixup_alpha: Shares of the images are drawn from Beta(alpha, alpha); the larger, the more even.
        cutmix_alpha: Likewise, of their areas.
        probability: With which a batch is mixed at all, in [0, 1].
    """

    def __init__(self, kind: str, mixup_alpha: float, cutmix_alpha: float, probability: float) -> None:
        transforms = {"mixup": v2.MixUp(alpha=mixup_alpha), "cutmix": v2.CutMix(alpha=cutmix_alpha)}
        self.transforms = list(transforms.values()) if kind == "both" else [transforms[kind]]
        self.probability = probability

    def __call__(self, images: Tensor, labels: Tensor, num_classes: int, seed: int) -> tuple[Tensor, Tensor]:
        """Mix a batch.

        Args:
            images: Network input ``(B, 3, S, S)``, on any device.
            labels: Class indices ``(B,)``, on the same.
            num_classes: C.
            seed: Decides everything; global random numbers stay as they are.

        Returns:
            Images ``(B, 3, S, S)`` and probabilities ``(B, C)``.
        """
        shares = torch.nn.functional.one_hot(labels, num_classes).float()
        with torch.random.fork_rng(devices=[]):
            # Not torch.manual_seed, which would start the dropout of every GPU anew.
            torch.default_generator.manual_seed(seed)
            draw, choice = torch.rand(2).tolist()
            if draw >= self.probability:
                return images, shares
            mixed: tuple[Tensor, Tensor] = self.transforms[int(choice * len(self.transforms))](images, shares)
        return mixed


def mixing(kind: str, mixup_alpha: float, cutmix_alpha: float, probability: float) -> Mixing | None:
    """``Mixing``, or ``None`` for the kind ``none``."""
    return None if kind == "none" else Mixing(kind, mixup_alpha, cutmix_alpha, probability)


def batch_seed(seed: int, epoch: int, rows: Tensor) -> int:
    """A seed for a batch: another one in each epoch and for each process, the same after a resume.

    Args:
        seed: Of the run.
        epoch: From 0.
        rows: Of the batch ``(B,)``, on the host.
    """
    content = f"{seed} {epoch} {rows.tolist()}".encode()
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest())
