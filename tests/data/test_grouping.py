from lightning_skin.data.grouping import join_groups


def test_copies_join_the_groups_they_stand_in() -> None:
    groups = ["lesion_b", "lesion_b", "lesion_a", "lesion_c", "lesion_d"]
    hashes = ["1", "2", "2", "3", "3"]
    assert join_groups(groups, hashes) == ["lesion_a"] * 3 + ["lesion_c"] * 2


def test_a_chain_of_copies_is_one_group_whatever_the_order() -> None:
    groups = ["d", "c", "c", "b", "b", "a", "e"]
    hashes = ["1", "1", "2", "2", "3", "3", "4"]
    assert join_groups(groups, hashes) == ["a"] * 6 + ["e"]
    assert join_groups(groups[::-1], hashes[::-1]) == ["e"] + ["a"] * 6


def test_the_images_of_a_pair_are_joined_with_their_groups_and_copies() -> None:
    groups = ["a", "b", "b", "c", "d", "e"]
    hashes = ["1", "2", "3", "4", "4", "5"]
    assert join_groups(groups, hashes, [(2, 3)]) == ["a", "b", "b", "b", "b", "e"]


def test_a_chain_of_pairs_is_one_group() -> None:
    assert join_groups(["c", "b", "a", "d"], ["1", "2", "3", "4"], [(0, 1), (1, 2)]) == ["a"] * 3 + ["d"]
