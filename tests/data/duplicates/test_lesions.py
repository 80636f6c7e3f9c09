import csv
import os
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from lightning_skin.data.duplicates.lesions import same_lesions
from lightning_skin.data.inspection import Facts

Images = list[Image.Image]
MakeFolder = Callable[..., tuple[Path, list[str], Facts]]

REPOSITORY = Path(__file__).parents[3]
HAM10000 = Path(os.environ.get("LIGHTNING_SKIN_DATA", REPOSITORY.parent / "shared" / "data"), "ham10000")


@pytest.fixture(scope="session")
def structured() -> Images:
    """Twelve pieces of skin with dots and globules, 600 x 450."""
    images = []
    for number in range(12):
        rng = np.random.default_rng(number)
        image = Image.new("RGB", (600, 450), (215, 160, 140))
        draw = ImageDraw.Draw(image)
        for _ in range(220):
            x, y, radius = *rng.uniform((20, 20), (580, 430)), rng.uniform(3, 12)
            colour = tuple(rng.integers(40, 150, 3).tolist())
            draw.ellipse((x - radius, y - radius * rng.uniform(0.5, 1), x + radius, y + radius), fill=colour)
        images.append(image.filter(ImageFilter.GaussianBlur(1.5)))
    return images


def other_view(image: Image.Image, zoom: float, turn: float, shift: tuple[int, int]) -> Image.Image:
    """Another photograph of the same place, lit otherwise."""
    turned = image.rotate(turn, Image.Resampling.BICUBIC, translate=shift)
    width, height = image.width / zoom, image.height / zoom
    left, top = (image.width - width) / 2, (image.height - height) / 2
    part = turned.crop((round(left), round(top), round(left + width), round(top + height)))
    return part.resize(image.size, Image.Resampling.BICUBIC).point(lambda level: level * 0.85 + 15)


def test_a_zoomed_shifted_and_turned_view_is_matched(structured: Images, make_folder: MakeFolder) -> None:
    images = {f"{number}_a.png": image for number, image in enumerate(structured)}
    images |= {
        f"{number}_b.jpg": other_view(image, 1.5, 20, (30, -20)) for number, image in enumerate(structured)
    }
    found = same_lesions(*make_folder(images), None)
    assert [match[:2] for match in found] == [(number, number + 12) for number in range(12)]
    assert {match.kind for match in found} == {"lesion"}
    assert {match.change for match in found} == {"zoomed 1.5 times, turned by 20 degrees"}
    assert all(0.1 < match.similarity <= 1 for match in found)


def test_the_change_holds_for_either_order(structured: Images, make_folder: MakeFolder) -> None:
    view = other_view(structured[0], 1.5, 20, (30, -20))
    (one,) = same_lesions(*make_folder({"a.png": structured[0], "b.png": view}), None)
    (other,) = same_lesions(*make_folder({"b.png": view, "a.png": structured[0]}), None)
    assert one.change == other.change == "zoomed 1.5 times, turned by 20 degrees"


def test_different_lesions_are_not_matched(many_lesions: Images, make_folder: MakeFolder) -> None:
    images = {f"{number}.png": image for number, image in enumerate(many_lesions[:80])}
    assert same_lesions(*make_folder(images), None) == []


def test_one_ruler_on_different_lesions_is_no_match(structured: Images, make_folder: MakeFolder) -> None:
    images = {}
    for number, image in enumerate(structured):
        draw = ImageDraw.Draw(image := image.copy())
        draw.rectangle((0, 400, 600, 450), fill="white")
        for tick in range(12, 600, 18):
            height = 10 + 7 * (tick * 7919 % 5)
            draw.line((tick, 449 - height, tick, 449), fill="black", width=3)
        images[f"{number}.png"] = image
    assert same_lesions(*make_folder(images), None) == []


def test_pictures_without_structure_are_no_obstacle(structured: Images, make_folder: MakeFolder) -> None:
    images = {"flat.png": Image.new("RGB", (200, 150)), "dot.png": Image.new("RGB", (1, 1))}
    images |= {"line.png": Image.new("RGB", (500, 1)), "tiny.png": structured[0].resize((8, 6))}
    assert same_lesions(*make_folder(images), None) == []
    images["lesion.png"] = structured[0]
    assert same_lesions(*make_folder(images), None) == []


@pytest.mark.parametrize("count", [0, 1])
def test_one_image_has_no_partner(structured: Images, make_folder: MakeFolder, count: int) -> None:
    folder = make_folder({f"{number}.png": image for number, image in enumerate(structured[:count])})
    assert same_lesions(*folder, None) == []


def test_the_same_search_finds_the_same(structured: Images, make_folder: MakeFolder, tmp_path: Path) -> None:
    images = {f"{number}_a.png": image for number, image in enumerate(structured)}
    images |= {
        f"{number}_b.png": other_view(image, 1.3, -35, (9, 9)) for number, image in enumerate(structured)
    }
    folder = make_folder(images)
    first = same_lesions(*folder, tmp_path / "cache")
    assert len(first) >= 10
    assert same_lesions(*folder, tmp_path / "cache") == same_lesions(*folder, None) == first


@pytest.mark.real
@pytest.mark.skipif(not HAM10000.is_dir(), reason=f"{HAM10000} is absent; set LIGHTNING_SKIN_DATA")
def test_what_is_matched_among_real_pictures_is_one_lesion(make_folder: MakeFolder) -> None:
    with (HAM10000 / "HAM10000_metadata.csv").open() as table:
        rows = sorted(csv.DictReader(table), key=lambda row: row["image_id"])
    views: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        views.setdefault(row["lesion_id"], []).append(row)
    several = random.Random(0).sample(sorted(name for name, shown in views.items() if len(shown) > 1), 120)
    chosen = [(name, row) for name in several for row in views[name][:2]]
    images = {
        f"{row['image_id']}.jpg": Image.open(HAM10000 / "images" / row["dx"] / f"{row['image_id']}.jpg")
        for _, row in chosen
    }
    found = same_lesions(*make_folder(images, 95), None)
    right = [match for match in found if chosen[match.first][0] == chosen[match.second][0]]
    assert right == found
    assert len(found) >= 0.2 * len(several)
