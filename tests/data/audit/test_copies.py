from lightning_skin.data.audit.copies import Copies, between_copies, contradictory, find_copies
from lightning_skin.data.duplicates.match import Match


def match(first: int, second: int, kind: str = "picture") -> Match:
    return Match(first, second, kind, 0.95, "")


def test_each_image_stands_in_one_set_of_copies() -> None:
    hashes = ["a", "b", "a", "c", "d", "d", "e"]
    found = find_copies(hashes, [match(0, 3, "pixels")])
    assert found == [Copies("pixels", (0, 2, 3)), Copies("bytes", (4, 5))]


def test_three_files_of_the_same_pixels_are_one_set() -> None:
    pairs = [match(0, 1, "pixels"), match(0, 2, "pixels"), match(1, 2, "pixels")]
    assert find_copies(["a", "b", "c", "d"], pairs) == [Copies("pixels", (0, 1, 2))]


def test_a_pair_of_near_duplicates_stands_once_whatever_copies_there_are() -> None:
    copies = [Copies("pixels", (1, 2)), Copies("bytes", (4, 6))]
    found = between_copies([match(2, 4), match(1, 4), match(0, 5)], copies)
    assert found == [match(0, 5), match(1, 4)]


def test_copies_and_near_duplicates_under_two_labels_contradict() -> None:
    labels = ["mel", "nv", "nv", "nv", "mel", "nv"]
    copies = [Copies("bytes", (0, 1)), Copies("bytes", (3, 5))]
    found = contradictory(copies, [match(2, 3), match(3, 4)], labels)
    # The copies of a near-duplicate contradict, too.
    assert found == [Copies("bytes", (0, 1)), Copies("near", (3, 4, 5))]
