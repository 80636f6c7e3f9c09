from pathlib import Path

from lightning_skin.cli.conf_folder import find_conf_folder, list_groups


def write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def test_it_is_where_the_composition_root_lies() -> None:
    assert find_conf_folder().is_absolute()
    assert (find_conf_folder() / "config.yaml").is_file()


def test_groups_and_their_choices_are_sorted(tmp_path: Path) -> None:
    write(tmp_path, "model/small.yaml", "model/large.yaml", "data/folder.yaml")
    assert list(list_groups(tmp_path).items()) == [("data", ["folder"]), ("model", ["large", "small"])]


def test_a_group_within_a_group_has_a_path(tmp_path: Path) -> None:
    write(tmp_path, "model/small.yaml", "model/optimizer/sgd.yaml")
    assert list_groups(tmp_path) == {"model": ["small"], "model/optimizer": ["sgd"]}


def test_the_root_shared_parts_and_other_files_are_no_choices(tmp_path: Path) -> None:
    write(tmp_path, "config.yaml", "base/model.yaml", "model/notes.txt", "model/small.yaml")
    assert list_groups(tmp_path) == {"model": ["small"]}
