from pathlib import Path

import pandas as pd
import pytest

from lightning_skin.data.labels import relabelled
from lightning_skin.data.sources import Source
from lightning_skin.errors import InputError

TABLE = pd.DataFrame({"path": ["a", "b", "c", "d"], "label": ["melanoma", "scc", "akiec", "unknown"]})


def source() -> Source:
    return Source(Path("images"), TABLE.copy())


def test_labels_are_renamed_merged_and_dropped() -> None:
    table = relabelled(source, {"melanoma": "mel", "scc": "akiec", "unknown": None}).table
    assert table.to_dict("list") == {"path": ["a", "b", "c"], "label": ["mel", "akiec", "akiec"]}
    assert table.index.tolist() == [0, 1, 2]


def test_two_labels_may_change_places() -> None:
    table = relabelled(source, {"scc": "akiec", "akiec": "scc"}).table
    assert table["label"].tolist() == ["melanoma", "akiec", "scc", "unknown"]


def test_a_label_that_no_image_has_is_refused() -> None:
    with pytest.raises(InputError, match="names mel, expected labels among akiec, melanoma, scc, unknown"):
        relabelled(source, {"mel": "melanoma"})


@pytest.mark.parametrize("name", ["MELANOMA", "melanom", "melanomas"])
def test_the_nearest_label_is_suggested(name: str) -> None:
    with pytest.raises(InputError, match=rf"names {name}, expected .*; did you mean melanoma\?$"):
        relabelled(source, {name: "mel"})


def test_malignant_labels_follow_their_new_names() -> None:
    known = lambda: source()._replace(malignant=("melanoma", "scc", "bcc"))  # noqa: E731
    assert relabelled(known, {"melanoma": "mel", "unknown": None}).malignant == ("mel", "scc")
    assert relabelled(known, {"scc": "akiec"}).malignant == ()


def test_dropping_everything_is_refused() -> None:
    with pytest.raises(InputError, match="drops every image"):
        relabelled(source, dict.fromkeys(TABLE["label"]))
