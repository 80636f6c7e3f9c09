import torch
from torch import Tensor, nn

from lightning_skin.explain.forward_trace import trace_forward


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU())
        self.branch = nn.Conv2d(4, 4, 1)
        self.head = nn.Linear(4, 2)

    def forward(self, images: Tensor) -> Tensor:
        maps = self.stem(images)
        return self.head((maps + self.branch(maps)).mean(dim=(2, 3)))


def test_outputs_stand_in_the_order_in_which_layers_finish() -> None:
    trace = trace_forward(Residual().eval(), torch.zeros(2, 3, 5, 6))
    assert [output.name for output in trace.outputs] == ["stem.0", "stem.1", "stem", "branch", "head"]
    assert [tuple(output.shape) for output in trace.outputs] == [(1, 4, 5, 6)] * 4 + [(1, 2)]


def test_logits_depend_entirely_on_the_trunk_but_not_on_the_branch() -> None:
    trace = trace_forward(Residual().eval(), torch.zeros(1, 3, 5, 6))
    whole = {output.name: trace.depends_only_on(output.node) for output in trace.outputs}
    assert whole == {"stem.0": True, "stem.1": True, "stem": True, "branch": False, "head": True}


def test_a_stage_and_its_last_layer_put_out_one_tensor() -> None:
    first, last, stage, *_ = trace_forward(Residual().eval(), torch.zeros(1, 3, 5, 6)).outputs
    assert stage.node is last.node
    assert stage.node is not first.node


def test_tokens_that_an_attention_read_are_those_of_the_layer_before() -> None:
    block = nn.TransformerEncoderLayer(4, 1, 8, batch_first=True, norm_first=True)
    network = nn.Sequential(nn.Conv2d(3, 4, 2, 2), nn.Flatten(2), nn.Linear(4, 4), block, nn.Flatten())
    trace = trace_forward(network.eval(), torch.rand(1, 3, 4, 4))
    (attended,) = [output.name for output in trace.outputs if output.node in trace.attended]
    assert attended == "3.norm1"
