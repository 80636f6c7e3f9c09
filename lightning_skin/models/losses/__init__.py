"""Training losses, most of them for classes of very different sizes."""

from lightning_skin.models.losses.contract import ClassificationLoss
from lightning_skin.models.losses.cross_entropy import cross_entropy
from lightning_skin.models.losses.focal import focal
from lightning_skin.models.losses.ldam import ldam
from lightning_skin.models.losses.logit_adjustment import logit_adjustment

__all__ = ["ClassificationLoss", "cross_entropy", "focal", "ldam", "logit_adjustment"]
