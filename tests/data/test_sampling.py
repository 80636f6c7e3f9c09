"""Which images an epoch takes."""

import numpy as np
import pytest
import torch

from lightning_skin.data.sampling import draw_of, keys_of

LABELS = np.repeat([0, 1, 2], [100, 400, 2500])


def shares(sampler: str) -> list[float]:
    """Of each class, over ten epochs."""
    draw = draw_of(sampler, LABELS)
    rows = torch.cat([draw(torch.Generator().manual_seed(epoch)) for epoch in range(10)])
    return (np.bincount(LABELS[rows]) / len(rows)).tolist()


def test_shuffling_takes_every_image_once() -> None:
    assert sorted(draw_of("shuffle", LABELS)(torch.Generator())) == list(range(3000))


def test_balanced_draws_every_class_equally_often() -> None:
    assert shares("balanced") == pytest.approx([1 / 3] * 3, abs=0.01)


def test_square_root_draws_by_the_square_root_of_the_size() -> None:
    # 10, 20 and 50.
    assert shares("square_root") == pytest.approx([10 / 80, 20 / 80, 50 / 80], abs=0.01)


def test_all_images_of_a_class_are_equally_likely() -> None:
    draw = draw_of("balanced", LABELS)
    rows = torch.cat([draw(torch.Generator().manual_seed(epoch)) for epoch in range(10)])
    drawn = np.bincount(rows, minlength=3000)[:100]
    assert drawn.mean() == pytest.approx(100, rel=0.03)
    assert drawn.std() == pytest.approx(10, rel=0.25)


def test_keys_give_their_row_and_differ_in_every_repetition_and_epoch() -> None:
    rows = torch.tensor([4, 1, 4, 4, 0, 1])
    keys = [keys_of(rows, 5, epoch) for epoch in (0, 1, 2)]
    for one in keys:
        assert (one % 5).tolist() == rows.tolist()
    assert len(set(torch.cat(keys).tolist())) == 18


def test_the_first_time_of_an_image_has_the_key_of_an_order_without_repetitions() -> None:
    assert keys_of(torch.tensor([2, 0, 2]), 3, 7)[:2].tolist() == [23, 21]
