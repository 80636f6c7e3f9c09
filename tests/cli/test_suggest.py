from lightning_skin.cli.suggest import suggest, suggest_key

KEYS = ["seed", "data.batch_size", "explain.batch_size", "data.image_size", "model.optimizer.lr"]


def test_the_nearest_name_is_suggested() -> None:
    assert suggest("resnet5", ["resnet18", "resnet50", "timm"]) == "; did you mean resnet50?"


def test_nothing_is_suggested_where_nothing_is_near() -> None:
    assert suggest("xyz", ["resnet18", "timm"]) == ""


def test_a_key_without_its_groups_is_found_by_its_last_name() -> None:
    assert suggest_key("lr", KEYS) == "; did you mean model.optimizer.lr?"
    assert suggest_key("batch_size", KEYS) == "; did you mean data.batch_size or explain.batch_size?"


def test_a_misspelt_key_is_compared_with_keys_of_its_depth() -> None:
    assert suggest_key("data.imagesize", KEYS) == "; did you mean data.image_size?"
    assert suggest_key("sed", KEYS) == "; did you mean seed?"
    assert suggest_key("seed.x", KEYS) == ""
