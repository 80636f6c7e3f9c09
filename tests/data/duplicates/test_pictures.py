import csv
import os
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from lightning_skin.data.duplicates.match import Match
from lightning_skin.data.duplicates.pictures import SMALLEST, same_pictures
from lightning_skin.data.inspection import Facts, inspect_images

Images = list[Image.Image]
Change = Callable[[Image.Image], Image.Image]
MakeFolder = Callable[..., tuple[Path, list[str], Facts]]

REPOSITORY = Path(__file__).parents[3]
DATA = Path(os.environ.get("LIGHTNING_SKIN_DATA", REPOSITORY.parent / "shared" / "data"))
SAMPLE = DATA / "ham10000_sample_600x450"
HAM10000 = DATA / "ham10000"


def unchanged(image: Image.Image) -> Image.Image:
    return image


def resized(scale: float) -> Change:
    def change(image: Image.Image) -> Image.Image:
        return image.resize(
            (round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS
        )

    return change


def cropped(left: float, right: float) -> Change:
    """Without these shares of each side."""

    def change(image: Image.Image) -> Image.Image:
        corner = (round(image.width * left), round(image.height * left))
        return image.crop((*corner, round(image.width * (1 - right)), round(image.height * (1 - right))))

    return change


def transposed(method: Image.Transpose) -> Change:
    return lambda image: image.transpose(method)


def lit(brightness: float, contrast: float) -> Change:
    return lambda image: ImageEnhance.Contrast(ImageEnhance.Brightness(image).enhance(brightness)).enhance(
        contrast
    )


def several(image: Image.Image) -> Image.Image:
    flipped = cropped(0.02, 0.02)(ImageOps.mirror(image)).transpose(Image.Transpose.ROTATE_90)
    return lit(1.15, 1)(resized(0.7)(flipped))


QUARTER = "turned by 90 degrees"
CHANGES: dict[str, tuple[Change, int, str]] = {
    "re-encoded": (unchanged, 50, ""),
    "half the size": (resized(0.5), 92, ""),
    "cropped by 2 %": (cropped(0.01, 0.01), 92, "cropped"),
    "cropped by 4 %": (cropped(0.02, 0.02), 92, "cropped"),
    "cropped by 4 % at a corner": (cropped(0.04, 0), 92, "cropped"),
    "flipped": (transposed(Image.Transpose.FLIP_LEFT_RIGHT), 92, "flipped"),
    "upside down": (
        transposed(Image.Transpose.FLIP_TOP_BOTTOM),
        92,
        "flipped and turned by 180 degrees",
    ),
    "transposed": (transposed(Image.Transpose.TRANSPOSE), 92, f"flipped and {QUARTER}"),
    "90 degrees": (transposed(Image.Transpose.ROTATE_90), 92, QUARTER),
    "180 degrees": (transposed(Image.Transpose.ROTATE_180), 92, "turned by 180 degrees"),
    "270 degrees": (transposed(Image.Transpose.ROTATE_270), 92, QUARTER),
    "brighter": (lit(1.2, 1), 92, ""),
    "darker": (lit(0.7, 1), 92, ""),
    "more contrast": (lit(1, 1.3), 92, ""),
    "less contrast": (lit(1, 0.6), 92, ""),
    "several": (several, 60, f"flipped and {QUARTER}, cropped"),
}


def planted(
    images: Images, change: Change, quality: int, make_folder: MakeFolder
) -> tuple[list[Match], list[Match]]:
    """Search images that each have a changed copy; return what is right of the findings, and the rest."""
    originals = {f"{number}_a.png": image for number, image in enumerate(images)}
    make_folder(originals)
    root, paths, _ = make_folder(
        {f"{number}_b.jpg": change(image) for number, image in enumerate(images)}, quality
    )
    names = [name for pair in zip(originals, paths, strict=True) for name in pair]
    found = same_pictures(root, names, inspect_images(root, names, None))
    right = [match for match in found if match.first // 2 == match.second // 2]
    return right, [match for match in found if match not in right]


SOME = ("re-encoded", "half the size", "cropped by 4 % at a corner", "90 degrees", "brighter", "several")
OTHERS = [pytest.param(name, marks=pytest.mark.slow) for name in CHANGES if name not in SOME]


@pytest.mark.parametrize("name", [*SOME, *OTHERS])
def test_a_changed_copy_is_found_and_its_change_named(
    lesions: Images, make_folder: MakeFolder, name: str
) -> None:
    change, quality, words = CHANGES[name]
    right, wrong = planted(lesions, change, quality, make_folder)
    assert len(right) >= 0.95 * len(lesions)
    assert wrong == []
    named, times = Counter(match.change for match in right).most_common(1)[0]
    assert named == words
    assert times >= 0.9 * len(right)
    assert {match.kind for match in right} == {"picture"}
    assert all(0.85 < match.similarity <= 1 for match in right)


def pairs(matches: list[Match]) -> list[tuple[int, int]]:
    return [match[:2] for match in matches]


@pytest.mark.parametrize("size", [(128, 96), (64, 48), (28, 28), (8, 6)])
def test_different_lesions_are_no_copies(
    many_lesions: Images, make_folder: MakeFolder, size: tuple[int, int]
) -> None:
    images = {f"{number}.png": image.resize(size) for number, image in enumerate(many_lesions)}
    assert same_pictures(*make_folder(images)) == []


@pytest.mark.parametrize("size", [(28, 28), (64, 48)])
def test_small_copies_are_found(lesions: Images, make_folder: MakeFolder, size: tuple[int, int]) -> None:
    originals = [image.resize(size) for image in lesions]
    images = {f"{number}_a.png": image for number, image in enumerate(originals)}
    images |= {
        f"{number}_b.png": lit(1.1, 1)(ImageOps.mirror(image)) for number, image in enumerate(originals)
    }
    matches = same_pictures(*make_folder(images))
    expected = [(number, number + len(lesions)) for number in range(len(lesions))]
    assert set(pairs(matches)) <= set(expected)
    assert len(matches) >= 0.95 * len(expected)
    assert {match.change for match in matches} == {"flipped"}


@pytest.mark.parametrize("size", [(8, 6), (28, 28), (64, 48), (200, 150)])
def test_noise_is_no_copy_of_other_noise(make_folder: MakeFolder, size: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (60, size[1], size[0], 3), dtype=np.uint8)
    images = {f"{number}.png": Image.fromarray(pixels) for number, pixels in enumerate(noise)}
    assert same_pictures(*make_folder(images)) == []


def test_flat_and_graded_pictures_are_no_copies_of_each_other(make_folder: MakeFolder) -> None:
    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 0), (255, 255, 255), (120, 90, 80), (120, 90, 81)]
    images = {f"{number}.png": Image.new("RGB", (80, 60), colour) for number, colour in enumerate(colours)}
    images |= {f"{number}.jpg": Image.new("RGB", (80, 60), colour) for number, colour in enumerate(colours)}
    assert same_pictures(*make_folder(images)) == []


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_images_have_no_copies(lesions: Images, make_folder: MakeFolder, count: int) -> None:
    images = {f"{number}.png": image for number, image in enumerate(lesions[:count])}
    assert same_pictures(*make_folder(images)) == []


@pytest.mark.parametrize("suffix", ["png", "bmp", "tif", "webp"])
def test_the_same_pixels_in_other_bytes_are_told(
    lesions: Images, make_folder: MakeFolder, suffix: str
) -> None:
    make_folder({"a.png": lesions[0], "c.png": lesions[1]})
    root, _, _ = make_folder({})
    options = {"lossless": True} if suffix == "webp" else {"compress_level": 1} if suffix == "png" else {}
    lesions[0].save(root / f"b.{suffix}", **options)
    names = ["a.png", f"b.{suffix}", "c.png"]
    found = same_pictures(root, names, inspect_images(root, names, None))
    assert found == [Match(0, 1, "pixels", 1.0, "")]


def test_one_different_pixel_makes_another_picture(lesions: Images, make_folder: MakeFolder) -> None:
    other = lesions[0].copy()
    other.putpixel((100, 70), tuple(255 - level for level in other.getpixel((100, 70))))
    (match,) = same_pictures(*make_folder({"a.png": lesions[0], "b.png": other}))
    assert match.kind == "picture"
    assert 0.99 < match.similarity < 1


def test_an_orientation_flag_is_a_copy_that_lies_on_its_side(
    lesions: Images, make_folder: MakeFolder
) -> None:
    root, _, _ = make_folder({f"{number}.jpg": image for number, image in enumerate(lesions[:8])})
    exif = Image.Exif()
    exif[0x0112] = 6
    names = []
    for number in range(8):
        with Image.open(root / f"{number}.jpg") as image:
            image.save(root / f"{number}_side.jpg", quality="keep", exif=exif)
        names += [f"{number}.jpg", f"{number}_side.jpg"]
    found = same_pictures(root, names, inspect_images(root, names, None))
    assert pairs(found) == [(row, row + 1) for row in range(0, 16, 2)]
    assert {match.change for match in found} == {QUARTER}


@pytest.mark.parametrize(("mode", "suffix"), [("L", "png"), ("L", "jpg"), ("CMYK", "jpg"), ("LA", "png")])
def test_other_modes_are_copies_too(lesions: Images, make_folder: MakeFolder, mode: str, suffix: str) -> None:
    images = {f"{number}_a.png": image for number, image in enumerate(lesions[:12])}
    images |= {f"{number}_b.{suffix}": image.convert(mode) for number, image in enumerate(lesions[:12])}
    found = same_pictures(*make_folder(images))
    assert len(found) >= 11
    assert set(pairs(found)) <= {(number, number + 12) for number in range(12)}


def test_odd_shapes_are_compared_without_a_crash(lesions: Images, make_folder: MakeFolder) -> None:
    sizes = [(1, 1), (1, 400), (400, 1), (2, 300), (3, 3), (600, 40), (40, 600), (300, 300)]
    images = {f"{width}x{height}.png": lesions[0].resize((width, height)) for width, height in sizes}
    found = same_pictures(*make_folder(images))
    assert all(match.similarity > 0.85 for match in found)


def framed(image: Image.Image, radius: float) -> Image.Image:
    """As through a round eyepiece, whose radius is relative to the height."""
    black, circle = Image.new("RGB", image.size), Image.new("L", image.size)
    centre = (image.width / 2, image.height / 2)
    ImageDraw.Draw(circle).circle(centre, radius * image.height, fill=255)
    black.paste(image, mask=circle)
    return black


@pytest.mark.parametrize("radius", [0.6, 0.08])
def test_a_shared_black_frame_makes_no_copies(
    many_lesions: Images, make_folder: MakeFolder, radius: float
) -> None:
    larger = [image.resize((200, 150)) for image in many_lesions[:30]]
    images = {f"{number}.png": framed(image, radius) for number, image in enumerate(larger)}
    assert same_pictures(*make_folder(images)) == []


def test_copies_within_a_black_frame_are_found(lesions: Images, make_folder: MakeFolder) -> None:
    images = [framed(image, 0.6) for image in lesions]
    right, wrong = planted(images, cropped(0.01, 0.01), 80, make_folder)
    assert len(right) >= 0.9 * len(lesions)
    assert wrong == []


def test_very_small_pictures_are_not_compared(lesions: Images, make_folder: MakeFolder) -> None:
    small = [image.resize((SMALLEST - 1, SMALLEST - 1)) for image in lesions]
    assert planted(small, transposed(Image.Transpose.FLIP_LEFT_RIGHT), 100, make_folder) == ([], [])


def test_the_same_search_finds_the_same(lesions: Images, make_folder: MakeFolder) -> None:
    images = {f"{number}_a.png": image for number, image in enumerate(lesions)}
    images |= {f"{number}_b.jpg": several(image) for number, image in enumerate(lesions)}
    folder = make_folder(images)
    assert same_pictures(*folder) == same_pictures(*folder)


def test_copies_of_one_picture_all_find_each_other(lesions: Images, make_folder: MakeFolder) -> None:
    images = {f"{quality}.webp": lesions[0].resize((200 - quality, 150)) for quality in range(7)}
    assert len(same_pictures(*make_folder(images))) == 7 * 6 / 2


def distinct_lesions(count: int) -> Images:
    """Real pictures of different lesions, 200 x 150."""
    with (HAM10000 / "HAM10000_metadata.csv").open() as table:
        rows = sorted(csv.DictReader(table), key=lambda row: row["image_id"])
    first = list({row["lesion_id"]: row for row in reversed(rows)}.values())
    chosen = random.Random(0).sample(first, count)
    return [Image.open(HAM10000 / "images" / row["dx"] / f"{row['image_id']}.jpg") for row in chosen]


@pytest.mark.real
@pytest.mark.skipif(not HAM10000.is_dir(), reason=f"{HAM10000} is absent; set LIGHTNING_SKIN_DATA")
@pytest.mark.parametrize("name", ["re-encoded", "half the size", "cropped by 4 % at a corner", "several"])
def test_copies_of_real_pictures_are_found_and_nothing_else(make_folder: MakeFolder, name: str) -> None:
    change, quality, words = CHANGES[name]
    right, wrong = planted(distinct_lesions(100), change, quality, make_folder)
    assert len(right) >= 0.97 * 100
    assert wrong == []
    assert Counter(match.change for match in right).most_common(1)[0][0] == words


@pytest.mark.real
@pytest.mark.skipif(not HAM10000.is_dir(), reason=f"{HAM10000} is absent; set LIGHTNING_SKIN_DATA")
@pytest.mark.parametrize("size", [(28, 28), (64, 48), (100, 75)])
def test_small_real_pictures_of_different_lesions_are_no_copies(
    make_folder: MakeFolder, size: tuple[int, int]
) -> None:
    small = [image.resize(size) for image in distinct_lesions(250)]
    right, wrong = planted(small, transposed(Image.Transpose.FLIP_LEFT_RIGHT), 95, make_folder)
    assert wrong == []
    assert len(right) >= 0.95 * 250


@pytest.mark.real
@pytest.mark.skipif(not SAMPLE.is_dir(), reason=f"{SAMPLE} is absent; set LIGHTNING_SKIN_DATA")
@pytest.mark.parametrize(("scale", "quality"), [(1, 20), (0.25, 90)])
def test_strongly_reduced_copies_of_real_pictures_are_found(
    make_folder: MakeFolder, scale: float, quality: int
) -> None:
    images = [Image.open(path) for path in sorted(SAMPLE.glob("*/*.jpg"))[::4]]
    right, wrong = planted(images, resized(scale), quality, make_folder)
    assert len(right) >= 0.95 * len(images)
    assert wrong == []
