import logging
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lightning_skin.data.duplicates.local_features import MOST, SIDE, descriptors, local_features, points
from lightning_skin.data.inspection import Facts

MakeFolder = Callable[..., tuple[Path, list[str], Facts]]


@pytest.fixture
def folder(lesions: list[Image.Image], make_folder: MakeFolder) -> tuple[Path, list[str], Facts]:
    return make_folder({f"{number}.png": image for number, image in enumerate(lesions[:6])})


def test_features_lie_in_the_image_and_are_unit_vectors(folder: tuple[Path, list[str], Facts]) -> None:
    records = local_features(*folder, None)
    assert len(records) == 6
    assert (records["count"] > 0).any()
    for record in records:
        assert len(points(record)) == len(descriptors(record)) == record["count"] <= MOST
        assert (points(record) >= 0).all()
        assert (points(record) <= (SIDE, SIDE * 3 / 4)).all()
        np.testing.assert_allclose(np.linalg.norm(descriptors(record), axis=1), 1, atol=0.03)


def test_a_feature_lies_where_the_picture_has_a_spot(make_folder: MakeFolder) -> None:
    y, x = np.mgrid[:150, :200]
    spot = 200 - 150 * np.exp(-((x - 140) ** 2 + (y - 40) ** 2) / (2 * 5**2))
    records = local_features(*make_folder({"spot.png": Image.fromarray(spot.astype(np.uint8))}), None)
    gaps = np.linalg.norm(points(records[0]) - np.array([140, 40]) * SIDE / 200, axis=1)
    assert gaps.min() < 2


def test_pictures_without_structure_have_no_features(make_folder: MakeFolder) -> None:
    images = {"flat.png": Image.new("RGB", (200, 150)), "dot.png": Image.new("RGB", (1, 1))}
    images["line.png"] = Image.new("RGB", (500, 1))
    assert local_features(*make_folder(images), None)["count"].tolist() == [0, 0, 0]


def test_features_are_remembered_by_content(folder: tuple[Path, list[str], Facts], tmp_path: Path) -> None:
    root, paths, facts = folder
    first = local_features(root, paths, facts, tmp_path / "cache")
    for path in paths:
        os.truncate(root / path, 0)
    renamed = [f"other_{path}" for path in reversed(paths)]
    backwards = Facts(facts.table[::-1].reset_index(drop=True), facts.thumbnails[::-1])
    second = local_features(root, renamed, backwards, tmp_path / "cache")
    np.testing.assert_array_equal(first, second[::-1])


def test_features_are_the_same_each_time(folder: tuple[Path, list[str], Facts]) -> None:
    np.testing.assert_array_equal(local_features(*folder, None), local_features(*folder, None))


def test_a_cache_that_cannot_be_written_costs_one_warning(
    folder: tuple[Path, list[str], Facts], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "cache").write_text("no folder")
    with caplog.at_level(logging.WARNING):
        records = local_features(*folder, tmp_path / "cache")
    # Keys are kept for what is to be remembered, whether that succeeds or not.
    np.testing.assert_array_equal(records["descriptors"], local_features(*folder, None)["descriptors"])
    assert ["data.cache_dir" in message for message in caplog.messages] == [True]
