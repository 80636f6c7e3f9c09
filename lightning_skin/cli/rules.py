"""Type and range of every configuration key."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field


def _sums_to_one(fractions: list[float]) -> list[float]:
    if abs(sum(fractions) - 1) > 1e-6:
        raise ValueError
    return fractions


def _different(names: list[str]) -> list[str]:
    if len(set(names)) < len(names):
        raise ValueError
    return names


def _ascending(areas: list[float]) -> list[float]:
    if areas != sorted(areas):
        raise ValueError
    return areas


def _exists(path: str) -> str:
    if not Path(path).exists():
        raise ValueError
    return path


Flag = Annotated[bool, Field(description="true or false")]
Text = Annotated[str, Field(min_length=1, description="a text")]
AnyText = Annotated[str, Field(description="a text")]
FilePath = Annotated[str, Field(min_length=1, description="a path")]
ExistingPath = Annotated[str, AfterValidator(_exists), Field(description="a file or folder that exists")]
Checkpoints = Annotated[list[Text], Field(min_length=1, description="a list of such")]
Contenders = Annotated[
    Text
    | Annotated[list[Text | Checkpoints], Field(min_length=1)]
    | Annotated[dict[str, Text | Checkpoints], Field(min_length=1)],
    Field(
        description="a list of runs, sweeps or predictions files such as [A,B], where [A,[B,C]] pools B and "
        "C, or names for them such as {old: A, new: [B,C]}"
    ),
]
Seed = Annotated[int, Field(ge=0, lt=2**32, description="an integer in [0, 4294967295]")]
Count = Annotated[int, Field(ge=1, description="a positive integer")]
WholeNumber = Annotated[int, Field(ge=0, description="an integer of at least 0")]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False, description="a positive number")]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False, description="a number of at least 0")]
Share = Annotated[float, Field(ge=0, le=1, description="a number in [0, 1]")]
BelowOne = Annotated[float, Field(ge=0, lt=1, description="a number in [0, 1)")]
PositiveShare = Annotated[float, Field(gt=0, le=1, description="a share in (0, 1]")]
Pixels = Annotated[int, Field(ge=8, le=4096, description="an integer in [8, 4096], in pixels")]
Shear = Annotated[float, Field(ge=0, le=45, description="a number in [0, 45], in degrees")]
Magnitude = Annotated[int, Field(ge=0, le=30, description="an integer in [0, 30]")]
Areas = Annotated[
    list[PositiveShare],
    Field(min_length=2, max_length=2, description="two shares in (0, 1], the smaller first"),
    AfterValidator(_ascending),
]
Hue = Annotated[float, Field(ge=0, le=0.5, description="a number in [0, 0.5]")]
Metric = Annotated[
    str,
    Field(
        pattern=r"^val/(accuracy|balanced_accuracy|auroc|f1_macro|recall_.+)$",
        description="val/balanced_accuracy, val/accuracy, val/auroc, val/f1_macro or val/recall_CLASS",
    ),
]
Fractions = Annotated[
    list[PositiveShare],
    Field(min_length=3, max_length=3, description="three positive shares train, val, test that sum to 1"),
    AfterValidator(_sums_to_one),
]
ClassWeights = Annotated[
    Literal["none", "balanced", "effective"] | dict[str, Positive],
    Field(description="none, balanced, effective, or a mapping such as {mel: 3.0} of positive numbers"),
]
Columns = Annotated[
    list[Text], AfterValidator(_different), Field(min_length=1, description="a list such as [age,sex]")
]
Shares = Annotated[list[PositiveShare], Field(description="a list of shares in (0, 1]")]
Costs = Annotated[
    dict[str, dict[str, Positive]],
    Field(description="a mapping such as {mel: {nv: 20.0}} of positive numbers"),
]
Protocols = Annotated[
    list[Literal["isic2018", "isic2019", "dermamnist", "dermamnist_64", "dermamnist_128", "dermamnist_224"]],
    AfterValidator(_different),
    Field(description="a list of isic2018, isic2019 and dermamnist (_64, _128, _224)"),
]
Formats = Annotated[
    list[Literal["png", "svg", "pdf"]],
    AfterValidator(_different),
    Field(min_length=1, description="a list of png, svg and pdf"),
]
Labels = Annotated[
    dict[str, Text | None],
    Field(min_length=1, description="a mapping of labels to new ones, or to null, such as {melanoma: mel}"),
]
ClassNames = Annotated[
    list[Text], AfterValidator(_different), Field(min_length=1, description="a list such as [bcc,mel]")
]
Epochs = Annotated[
    Literal[-1] | Count, Field(description="a positive integer, or -1 to stop by max_steps or max_time")
]
Steps = Annotated[Literal[-1] | Count, Field(description="a positive integer, or -1 for no limit")]
Batches = Annotated[
    Count | PositiveShare | None,
    Field(description="null, a positive number of batches, or a share of them in (0.0, 1.0]"),
]
Devices = Annotated[
    Literal["auto", -1] | Count | list[WholeNumber] | Annotated[str, Field(pattern=r"^\d+(,\d+)*$")],
    Field(description="auto, a number of devices, -1 for all, or a list of their indices"),
]
Duration = Annotated[
    str, Field(pattern=r"^\d+:\d\d:\d\d:\d\d$", description="days:hours:minutes:seconds such as 00:01:30:00")
]
Metadata = Annotated[
    list[Literal["age", "sex", "site"]],
    AfterValidator(_different),
    Field(min_length=1, description="a list such as [age,sex,site]"),
]
Accelerator = Literal["auto", "cpu", "gpu", "cuda", "mps", "tpu"]
Strategy = Literal[
    "auto",
    "ddp",
    "ddp_find_unused_parameters_false",
    "ddp_find_unused_parameters_true",
    "ddp_spawn",
    "fsdp",
    "deepspeed_stage_1",
    "deepspeed_stage_2",
    "deepspeed_stage_3",
]
Precision = Literal[
    "auto",
    "32-true",
    "16-mixed",
    "bf16-mixed",
    "16-true",
    "bf16-true",
    "64-true",
    "16",
    "bf16",
    "32",
    "64",
    16,
    32,
    64,
]
Method = Literal["gradcam", "gradcam++", "hirescam", "layercam", "xgradcam", "eigencam"]

RULES: Mapping[str, Any] = {
    "seed": Seed,
    "monitor": Metric,
    "find": Literal["lr", "batch_size"] | None,
    "ckpt_path": ExistingPath | Checkpoints | None,
    "images": ExistingPath | None,
    "runs": Contenders | None,
    "compare.split": Literal["test", "val"],
    "compare.pairs": Literal["first", "all"],
    "compare.malignant": ClassNames | None,
    "compare.pool": Flag,
    "predictions": ExistingPath | None,
    "val_predictions": ExistingPath | None,
    "evaluation.calibration": Literal["temperature", "vector", "none"],
    "evaluation.sensitivities": Shares,
    "evaluation.specificities": Shares,
    "evaluation.miss_costs": Annotated[list[Positive], Field(description="a list of positive numbers")],
    "evaluation.costs": Costs | None,
    "evaluation.coverage": Annotated[float, Field(gt=0, lt=1, description="a number in (0, 1)")],
    "evaluation.min_tpr": BelowOne,
    "evaluation.subgroups": Columns | None,
    "evaluation.min_images": Count,
    "evaluation.unknown": Text | None,
    "evaluation.protocols": Protocols,
    "evaluation.figures": Formats,
    "test.tta": Literal["none", "flips", "dihedral"],
    "data.root": FilePath,
    "data.metadata": FilePath | None,
    "data.table": FilePath,
    "data.classes": FilePath | None,
    "data.split_table": FilePath,
    "data.file": FilePath,
    "data.fractions": Fractions,
    "data.seed": Seed,
    "data.folds": Annotated[int, Field(ge=2, description="an integer of at least 2")] | None,
    "data.fold": WholeNumber | None,
    "data.split_file": FilePath | None,
    "data.labels": Labels | None,
    "data.malignant": ClassNames | None,
    "data.on_broken": Literal["skip", "fail"],
    "data.copies": Literal["group", "drop", "fail"],
    "data.near_duplicates": Literal["group", "drop", "fail", "ignore"],
    "data.search": Literal["pictures", "lesions"],
    "data.contradictions": Literal["keep", "drop", "fail"],
    "data.outliers": Literal["keep", "drop", "fail"],
    "data.export_dir": FilePath | None,
    "data.export_as": Literal["link", "copy"],
    "data.manifest": FilePath,
    "data.moved_to": FilePath | None,
    "data.allow_leakage": Flag,
    "data.image_size": Pixels | None,
    "data.colour_constancy": Literal["none", "shades_of_grey"],
    "data.border_crop": Literal["none", "frame", "corners"],
    "data.batch_size": Count,
    "data.sampler": Literal["shuffle", "balanced", "square_root"],
    "data.num_workers": WholeNumber | None,
    "data.cache": Literal["none", "memmap", "jpeg"],
    "data.cache_dir": FilePath,
    "data.stream": FilePath | None,
    "data.lesions": Count,
    "data.size": Pixels,
    "data.source": None,
    "data.source.seed": Seed,
    "data.augmentation.min_scale": PositiveShare,
    "data.augmentation.brightness": Share,
    "data.augmentation.contrast": Share,
    "data.augmentation.saturation": Share,
    "data.augmentation.hue": Hue,
    "data.augmentation.shear": Shear,
    "data.augmentation.stretch": Share,
    "data.augmentation.operations": Count,
    "data.augmentation.magnitude": Magnitude,
    "data.erasing": Share,
    "data.erasing_area": Areas,
    "data.mixing": Literal["none", "mixup", "cutmix", "both"],
    "data.mixup_alpha": Positive,
    "data.cutmix_alpha": Positive,
    "data.mixing_probability": Share,
    "model.library": Literal["torchvision", "timm"],
    "model.name": Text,
    "model.weights": Text | None,
    "model.dropout": BelowOne,
    "model.hidden": Count | None,
    "model.stem": Literal["standard", "small"],
    "model.metadata": Metadata | None,
    "model.metadata_dropout": BelowOne,
    "model.compile": Flag,
    "model.train_from": Text | None,
    "model.transfer.head_lr_factor": Positive,
    "model.transfer.lr_decay": PositiveShare,
    "model.transfer.stages": Count,
    "model.transfer.head_epochs": Count,
    "model.transfer.stage_epochs": Count,
    "model.transfer.cached_views": Count | None,
    "model.optimizer.lr": Positive,
    "model.optimizer.weight_decay": NotNegative,
    "model.optimizer.fused": Flag | None,
    "model.optimizer.momentum": BelowOne,
    "model.optimizer.nesterov": Flag,
    "model.scheduler.warmup": BelowOne,
    "model.scheduler.monitor": Metric,
    "model.scheduler.factor": Annotated[float, Field(gt=0, lt=1, description="a number in (0, 1)")],
    "model.scheduler.patience": WholeNumber,
    "model.loss.label_smoothing": BelowOne,
    "model.loss.class_weights": ClassWeights,
    "model.loss.gamma": NotNegative,
    "model.loss.tau": NotNegative,
    "model.loss.max_margin": NotNegative,
    "model.loss.reweight_from": Share,
    "trainer.accelerator": Accelerator,
    "trainer.devices": Devices,
    "trainer.num_nodes": Count,
    "trainer.strategy": Strategy,
    "trainer.precision": Precision,
    "trainer.max_epochs": Epochs,
    "trainer.min_epochs": Count | None,
    "trainer.max_steps": Steps,
    "trainer.min_steps": Count | None,
    "trainer.max_time": Duration | None,
    "trainer.limit_train_batches": Batches,
    "trainer.limit_val_batches": Batches,
    "trainer.limit_test_batches": Batches,
    "trainer.overfit_batches": Annotated[
        WholeNumber | Share, Field(description="a number of batches, or a share of them in [0.0, 1.0]")
    ],
    "trainer.fast_dev_run": Flag | WholeNumber,
    "trainer.val_check_interval": Annotated[
        Count | PositiveShare | None,
        Field(description="null, a positive number of batches, or a share of an epoch in (0.0, 1.0]"),
    ],
    "trainer.check_val_every_n_epoch": Count | None,
    "trainer.num_sanity_val_steps": Literal[-1] | WholeNumber,
    "trainer.log_every_n_steps": Count,
    "trainer.accumulate_grad_batches": Count,
    "trainer.gradient_clip_val": NotNegative | None,
    "trainer.gradient_clip_algorithm": Literal["norm", "value"],
    "trainer.deterministic": Flag | Literal["warn"] | None,
    "trainer.benchmark": Flag | None,
    "trainer.detect_anomaly": Flag,
    "trainer.profiler": Literal["simple", "advanced", "pytorch"] | None,
    "trainer.sync_batchnorm": Flag,
    "trainer.enable_progress_bar": Flag,
    "trainer.enable_model_summary": Flag,
    "callbacks.best_checkpoint.dirpath": FilePath,
    "callbacks.best_checkpoint.monitor": Metric,
    "callbacks.last_checkpoint.dirpath": FilePath,
    "callbacks.last_checkpoint.every_n_minutes": Positive | None,
    "callbacks.last_checkpoint.every_n_train_steps": Count | None,
    "callbacks.early_stopping.monitor": Metric,
    "callbacks.early_stopping.mode": Literal["max", "min"],
    "callbacks.early_stopping.patience": WholeNumber,
    "callbacks.early_stopping.strict": Flag,
    "callbacks.averaging.decay": BelowOne,
    "callbacks.averaging.start": BelowOne,
    "callbacks.history.folder": FilePath,
    "callbacks.history.monitor": Metric,
    "callbacks.learning_rate.logging_interval": Literal["step", "epoch"] | None,
    "logger.save_dir": FilePath,
    "logger.name": AnyText,
    "logger.version": AnyText | None,
    "logger.default_hp_metric": Flag,
    "explain.method": Method,
    "explain.target_layer": Text | None,
    "explain.max_images": Count | None,
    "explain.batch_size": Count,
}

# Nodes that only refer to other keys, which are checked where they stand.
REFERENCES = ("mode", "data.module")

PLACEHOLDERS = {
    "data.root": "FOLDER",
    "data.manifest": "RUN",
    "data.table": "FILE",
    "data.file": "FILE",
    "ckpt_path": "RUN_FOLDER_OR_CHECKPOINT",
    "images": "FILE_OR_FOLDER",
    "predictions": "RUN_FOLDER_OR_TABLE",
    "model.name": "NAME",
}
