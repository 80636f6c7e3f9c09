from lightning_skin.data.grouping import join_copies


def test_copies_join_the_groups_they_stand_in() -> None:
    groups = ["lesion_b", "lesion_b", "lesion_a", "lesion_c", "lesion_d"]
    hashes = ["1", "2", "2", "3", "3"]
    assert join_copies(groups, hashes) == ["lesion_a"] * 3 + ["lesion_c"] * 2


def test_a_chain_of_copies_is_one_group_whatever_the_order() -> None:
    groups = ["d", "c", "c", "b", "b", "a", "e"]
    hashes = ["1", "1", "2", "2", "3", "3", "4"]
    assert join_copies(groups, hashes) == ["a"] * 6 + ["e"]
    assert join_copies(groups[::-1], hashes[::-1]) == ["e"] + ["a"] * 6
