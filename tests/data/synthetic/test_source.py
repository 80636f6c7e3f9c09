from pathlib import Path

from lightning_skin.data.synthetic.source import synthetic


def test_synthetic_lesions_are_drawn_and_read(tmp_path: Path) -> None:
    source = synthetic(str(tmp_path / "new"), lesions=4, size=32, seed=0)
    assert source.table["group"].nunique() == 4
    assert set(source.table) == {"path", "label", "split", "group", "mask", "age", "sex", "site"}
    assert all((source.root / path).is_file() for path in [*source.table["path"], *source.table["mask"]])
