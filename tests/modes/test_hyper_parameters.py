"""What the HPARAMS tab compares."""

from lightning_skin.modes.hyper_parameters import flat_hyper_parameters


def test_settings_are_flat_plain_and_named_for_what_they_choose() -> None:
    config = {
        "seed": 3,
        "model": {
            "name": "resnet18",
            "stem": "standard",
            "weights": None,
            "train_from": None,
            "transfer": {"_target_": "lightning_skin.models.transfer.none", "head_lr_factor": 1.0},
            "dropout": 0.3,
            "hidden": None,
            "metadata": ["age"],
            "metadata_dropout": 0.2,
            "optimizer": {"_target_": "torch.optim.AdamW", "_partial_": True, "lr": 1e-3},
            "scheduler": {"_target_": "lightning_skin.models.schedules.constant", "_partial_": True},
            "loss": {"_target_": "lightning_skin.models.losses.cross_entropy", "class_weights": {"mel": 3.0}},
        },
        "data": {
            "root": "somewhere",
            "image_size": 64,
            "batch_size": 32,
            "augmentation": {"_target_": "lightning_skin.data.augmentation.light"},
            "erasing": 0.0,
            "mixing": "cutmix",
            "colour_constancy": "none",
            "border_crop": "frame",
        },
        "trainer": {
            "max_epochs": 5,
            "accumulate_grad_batches": 1,
            "gradient_clip_val": 1.0,
            "precision": "auto",
        },
    }
    flat = flat_hyper_parameters(config)
    assert flat["model.optimizer"] == "AdamW"
    assert flat["model.optimizer.lr"] == 1e-3
    assert flat["data.augmentation"] == "light"
    assert flat["model.loss.class_weights.mel"] == 3.0
    assert flat["model.weights"] == "None"
    assert "data.root" not in flat
    assert all(isinstance(value, int | float | str) for value in flat.values())
