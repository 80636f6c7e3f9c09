"""How preparing grows with the number of images: ``python benchmarks/preparing.py [COUNT ...] [lesions]``.

For each count it draws so many small JPEG files (96 x 72 px, seven classes, one in a hundred a re-encoded
copy of another), prepares them as mode=prepare data.search=pictures (or lesions) does, once with an empty
cache and once more, and prints seconds and peak memory of each step. Every count runs in a process of its
own.
"""

import io
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np
from PIL import Image

from lightning_skin.data.audit.audit import audit_images
from lightning_skin.data.audit.settings import AuditSettings
from lightning_skin.data.build import build_manifest
from lightning_skin.data.duplicates.search import near_duplicates
from lightning_skin.data.inspection import inspect_images
from lightning_skin.data.sources import folder
from lightning_skin.data.split_settings import SplitSettings

COUNTS = (10_000, 30_000, 100_000)
CLASSES = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")
WIDTH, HEIGHT = 96, 72
COPIES = 100  # one image in so many is a copy

Result = TypeVar("Result")
Search = Literal["pictures", "lesions"]


def main() -> None:
    """Print one table row for each count."""
    counts = [int(text) for text in sys.argv[1:] if text.isdigit()] or COUNTS
    search: Search = "lesions" if "lesions" in sys.argv else "pictures"
    print(f"images | listing | first look | {search} | split, manifest | all again | pairs | peak MiB")
    print("---: | ---: | ---: | ---: | ---: | ---: | ---: | ---:")
    for count in counts:
        with get_context("spawn").Pool(1) as pool:
            print(pool.apply(measure, (count, search)), flush=True)


def measure(count: int, search: Search) -> str:
    """Draw and prepare so many images; a row of the table."""
    with tempfile.TemporaryDirectory() as temporary:
        root, cache = Path(temporary, "images"), Path(temporary, "cache")
        draw(root, count)
        settings = AuditSettings("skip", "group", "group", search, "keep", "keep", str(cache))
        split = SplitSettings((0.7, 0.1, 0.2), 0, None, None, None, False)
        listing, source = timed(lambda: folder(str(root), None))
        paths = source.table["path"].tolist()
        looking, facts = timed(lambda: inspect_images(source.root, paths, cache))
        searching, pairs = timed(lambda: near_duplicates(source.root, paths, facts, search, cache))
        both, (manifest, _) = timed(lambda: build_manifest(source, split, settings))
        writing, _ = timed(lambda: manifest.write(Path(temporary, "manifest.csv")))
        again, _ = timed(lambda: audit_images(source, settings))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    times = (listing, looking, searching, both - again + writing, again)
    return " | ".join(
        [f"{count:,}", *(f"{seconds:.2f} s" for seconds in times), f"{len(pairs):,}", f"{peak:.0f}"]
    )


def draw(root: Path, count: int) -> None:
    """Write smooth random patterns with some noise, all different but for the copies."""
    for name in CLASSES:
        (root / name).mkdir(parents=True)
    rng = np.random.default_rng(0)
    content = b""
    for number in range(count):
        quality = 92
        if number % COPIES == 0 and content:
            image, quality = Image.open(io.BytesIO(content)).convert("RGB"), 60
        else:
            coarse = rng.normal((190, 140, 130), 30, (18, 24, 3)).clip(0, 255).astype(np.uint8)
            smooth = np.asarray(Image.fromarray(coarse).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC))
            grain = rng.integers(-3, 4, (HEIGHT, WIDTH, 1))
            image = Image.fromarray((smooth + grain).clip(0, 255).astype(np.uint8))
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality)
        content = buffer.getvalue()
        (root / CLASSES[number % len(CLASSES)] / f"{number:07}.jpg").write_bytes(content)


def timed(function: Callable[[], Result]) -> tuple[float, Result]:
    """Seconds that a call takes, and what it returns."""
    start = time.perf_counter()
    result = function()
    return time.perf_counter() - start, result


if __name__ == "__main__":
    main()
