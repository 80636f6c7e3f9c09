"""Compiling a network, where the machine can."""

import os
import shutil

from torch import nn

from lightning_skin.errors import InputError

COMPILERS = ("g++", "clang++", "c++", "cl")


def compile_in_place(network: nn.Module) -> None:
    """Let ``torch.compile`` speed up the forward and backward pass; names of parameters stay as they are.

    The first batch takes a minute or more. A checkpoint is the same with and without it.

    Raises:
        InputError: There is no C++ compiler, which PyTorch generates code for.
    """
    if not any(shutil.which(name) for name in (os.environ.get("CXX", COMPILERS[0]), *COMPILERS)):
        raise InputError(
            "model.compile=true needs a C++ compiler such as g++, and none is installed; "
            "install one, or leave model.compile out"
        )
    network.compile()
