"""Outputs are gathered in the order of the table, each image once."""

import torch

from lightning_skin.models.collector import OutputCollector, Said

PROBABILITIES = torch.tensor([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8], [0.7, 0.3]])
LOG_SUM_EXP = torch.tensor([0.1, 2.0, 0.3, 4.0])
LABELS = torch.tensor([0, 1, 1, 0])


def collected(*batches: list[int]) -> OutputCollector:
    """A collector that saw these rows of the table, batch by batch."""
    collector = OutputCollector()
    for rows in batches:
        collector.update(torch.tensor(rows), LABELS[rows], said(rows))
    return collector


def said(rows: list[int]) -> Said:
    return Said(PROBABILITIES[rows], LOG_SUM_EXP[rows])


def test_rows_come_back_in_the_order_of_the_table() -> None:
    outputs = collected([3, 1], [0, 2]).gather()
    assert outputs.indices.tolist() == [0, 1, 2, 3]
    assert outputs.labels.tolist() == LABELS.tolist()
    torch.testing.assert_close(outputs.probabilities, PROBABILITIES)
    torch.testing.assert_close(outputs.log_sum_exp, LOG_SUM_EXP)


def test_an_image_that_a_sampler_repeated_counts_once() -> None:
    outputs = collected([0, 2], [1, 3], [0, 2]).gather()
    assert outputs.indices.tolist() == [0, 1, 2, 3]
    torch.testing.assert_close(outputs.probabilities, PROBABILITIES)


def test_a_repeated_image_keeps_what_was_said_of_it_first() -> None:
    collector = collected([2, 1])
    collector.update(torch.tensor([2]), torch.tensor([0]), said([0]))
    outputs = collector.gather()
    assert outputs.labels.tolist() == [1, 1]
    torch.testing.assert_close(outputs.probabilities, PROBABILITIES[1:3])


def test_a_single_image_keeps_its_axis() -> None:
    assert [tuple(one.shape) for one in collected([2]).gather()] == [(1,), (1,), (1, 2), (1,)]


def test_rows_may_have_gaps() -> None:
    collector = OutputCollector()
    collector.update(torch.tensor([70, 5]), torch.tensor([1, 0]), said([0, 1]))
    outputs = collector.gather()
    assert outputs.indices.tolist() == [5, 70]
    assert outputs.labels.tolist() == [0, 1]


def test_a_reset_forgets_the_images_of_the_last_epoch() -> None:
    collector = collected([0, 1, 2])
    collector.reset()
    collector.update(torch.tensor([3, 1]), LABELS[[3, 1]], said([3, 1]))
    assert collector.gather().indices.tolist() == [1, 3]


def test_outputs_are_not_part_of_a_checkpoint() -> None:
    assert collected([0, 1]).state_dict() == {}


def test_a_network_says_probabilities_and_how_large_its_logits_are() -> None:
    found = Said.of_logits(torch.tensor([[0.0, 0.0], [3.0, 3.0]]).bfloat16())
    torch.testing.assert_close(found.probabilities, torch.full((2, 2), 0.5))
    torch.testing.assert_close(found.log_sum_exp, torch.tensor([0.0, 3.0]) + torch.log(torch.tensor(2.0)))
