import pytest
import torch
from torch import Tensor, nn

from lightning_skin.explain.forward_trace import ForwardTrace, trace_forward
from lightning_skin.explain.spatial_layout import map_axes, reshape_to_map, token_grid


class Reshaped(nn.Module):
    """Cuts 2 x 4 patches, then lays them out as asked."""

    def __init__(self, layout: nn.Module) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 9, 4, 4)
        self.layout = layout

    def forward(self, images: Tensor) -> Tensor:
        return self.layout(self.patches(images)).flatten(1)


class ChannelsLast(nn.Module):
    def forward(self, maps: Tensor) -> Tensor:
        return maps.permute(0, 2, 3, 1)


class Tokens(nn.Module):
    def __init__(self, prefix: int) -> None:
        super().__init__()
        self.prefix = prefix

    def forward(self, maps: Tensor) -> Tensor:
        tokens = maps.flatten(2).transpose(1, 2)
        return torch.cat([torch.zeros(len(maps), self.prefix, 9), tokens], dim=1)


def trace_of(layout: nn.Module) -> ForwardTrace:
    return trace_forward(Reshaped(layout).eval(), torch.rand(1, 3, 8, 16))


def test_channels_first_and_channels_last_are_told_apart() -> None:
    first, last = trace_of(ChannelsLast()).outputs
    trace = trace_of(ChannelsLast())
    assert map_axes(first, trace) == (2, 3)
    assert map_axes(last, trace) == (1, 2)


@pytest.mark.parametrize("layout", [ChannelsLast(), Tokens(0), Tokens(1), Tokens(5)])
def test_every_layout_is_brought_back_to_the_map_it_came_from(layout: nn.Module) -> None:
    trace = trace_of(layout)
    reshape = reshape_to_map(trace.outputs[-1], trace)
    maps = torch.rand(3, 9, 2, 4)
    torch.testing.assert_close(reshape(layout(maps)), maps)


def test_a_map_needs_no_reshaping() -> None:
    trace = trace_of(nn.Identity())
    assert reshape_to_map(trace.outputs[0], trace) is None


def test_more_additional_tokens_than_patches_are_no_grid() -> None:
    trace = trace_of(Tokens(8))
    assert token_grid(trace.outputs[-1], trace) is None


def test_a_map_of_one_row_is_none() -> None:
    trace = trace_of(nn.AvgPool2d(2))
    assert map_axes(trace.outputs[-1], trace) is None
