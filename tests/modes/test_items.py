"""Names of panels, and which images are explained where not all are."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from lightning_skin.modes.items import Item, panel_names, spread


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["a.png", "b.jpg"], ["a", "b"]),
        (["nv/a.png", "mel/a.png"], ["nv_a", "mel_a"]),
        (["a.png", "a.jpg", "b.png"], ["a.png", "a.jpg", "b"]),
        (["a b=1,(2).png"], ["a_b_1__2_"]),
        (["nv/a.png", "mel/b.png"], ["a", "b"]),
        (["a b.png", "a,b.png"], ["00000_a_b", "00001_a_b"]),
        (["a.png", "a.jpg", "a.png.jpg"], ["00000_a", "00001_a", "00002_a.png"]),
        ([".png"], [".png"]),
        (["Größe²病.png"], ["Gr__e__"]),
        ([f"{'a' * 200}/b.png", f"{'c' * 200}/b.png"], [f"{'a' * 114}_b", f"{'c' * 114}_b"]),
    ],
)
def test_panels_have_short_unique_names_that_an_override_takes(
    paths: Sequence[str], names: Sequence[str]
) -> None:
    assert panel_names(paths) == names
    parser = OverridesParser.create()
    assert [parser.parse_override(f"images=x/{name}.png").value() for name in names] == [
        f"x/{name}.png" for name in names
    ]


@pytest.mark.parametrize(
    ("max_images", "expected"),
    [(None, "a1 a2 a3 b1 c1 c2"), (6, "a1 a2 a3 b1 c1 c2"), (5, "a1 b1 c1 a2 c2"), (2, "a1 b1")],
)
def test_classes_take_turns_where_not_all_images_are_explained(max_images: int | None, expected: str) -> None:
    items = [Item(Path(name), name, name[0]) for name in ["a1", "a2", "a3", "b1", "c1", "c2"]]
    assert " ".join(item.name for item in spread(items, max_images)) == expected
