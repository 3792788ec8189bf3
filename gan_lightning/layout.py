"""How images lie in memory."""

import torch
from torch import Tensor, nn
from torch.optim import Optimizer


def convolves(network: nn.Module) -> bool:
    """Tell whether a network has two-dimensional convolutions."""
    return any(isinstance(layer, nn.Conv2d | nn.ConvTranspose2d) for layer in network.modules())


def lay_channels_last(*networks: nn.Module) -> bool:
    """Lay the weights out channels last, the order in which convolutions are fastest, if there are any; tell so."""
    if not any(map(convolves, networks)):
        return False
    for network in networks:
        network.to(memory_format=torch.channels_last)
    return True


def lay_states_as_weights(optimizer: Optimizer) -> None:
    """Lay an optimizer's moments in memory as their parameters lie, which torch's fused steps take for granted.

    A checkpoint of a run with another layout (``channels_last`` off, sharded weights) has them otherwise, and the fused
    step would update each weight with another one's moments.
    """
    for param, state in optimizer.state.items():
        for name, moment in state.items():
            if isinstance(moment, Tensor) and moment.shape == param.shape and moment.stride() != param.stride():
                state[name] = torch.empty_like(param, dtype=moment.dtype).copy_(moment)
