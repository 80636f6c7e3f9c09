"""What is recorded about each image, in the columns of HAM10000 (Tschandl et al., Sci Data 5:180161)."""

from typing import NamedTuple

from numpy.random import Generator

SITE_SHARES = {
    "back": 0.22,
    "lower extremity": 0.21,
    "trunk": 0.14,
    "upper extremity": 0.12,
    "abdomen": 0.10,
    "face": 0.08,
    "chest": 0.06,
    "foot": 0.03,
    "neck": 0.02,
    "scalp": 0.02,
}


class Record(NamedTuple):
    """What HAM10000's table says of a lesion besides its class.

    Attributes:
        dx_type: How the class was established.
        age: Age of the patient in years, a multiple of five; ``None`` where unknown.
        sex: ``male``, ``female`` or ``unknown``.
        localization: Body site.
    """

    dx_type: str
    age: float | None
    sex: str
    localization: str


def draw_record(rng: Generator) -> Record:
    """Draw a record with HAM10000's frequencies but, unlike there, independent of the class."""
    years = 5.0 * round(min(max(rng.normal(52, 17), 5), 85) / 5)
    return Record(
        dx_type=str(rng.choice(("histo", "follow_up", "consensus", "confocal"), p=(0.53, 0.37, 0.09, 0.01))),
        age=None if rng.random() < 0.01 else years,
        sex=str(rng.choice(("male", "female", "unknown"), p=(0.54, 0.45, 0.01))),
        localization=str(rng.choice(list(SITE_SHARES), p=list(SITE_SHARES.values()))),
    )
