"""What is recorded about each image, in the columns of HAM10000 (Tschandl et al., Sci Data 5:180161)."""

from typing import NamedTuple

from numpy.random import Generator

SITES = (
    "back",
    "lower extremity",
    "trunk",
    "upper extremity",
    "abdomen",
    "face",
    "chest",
    "foot",
    "neck",
    "scalp",
)
SITE_SHARES = (0.22, 0.21, 0.14, 0.12, 0.10, 0.08, 0.06, 0.03, 0.02, 0.02)


class Row(NamedTuple):
    """One image; the fields are HAM10000's columns.

    ``age`` is in years, rounded to five; an empty ``age`` means unknown.
    """

    lesion_id: str
    image_id: str
    dx: str
    dx_type: str
    age: float | None
    sex: str
    localization: str


class Patient(NamedTuple):
    """What is recorded about a lesion besides its class."""

    dx_type: str
    age: float | None
    sex: str
    localization: str


def draw_patient(rng: Generator) -> Patient:
    """Draw a record with HAM10000's frequencies but, unlike there, independent of the class."""
    years = 5.0 * round(min(max(rng.normal(52, 17), 5), 85) / 5)
    return Patient(
        dx_type=str(rng.choice(("histo", "follow_up", "consensus", "confocal"), p=(0.53, 0.37, 0.09, 0.01))),
        age=None if rng.random() < 0.01 else years,
        sex=str(rng.choice(("male", "female", "unknown"), p=(0.54, 0.45, 0.01))),
        localization=str(rng.choice(SITES, p=SITE_SHARES)),
    )
