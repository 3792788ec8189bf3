"""How images lie in memory."""

import torch
from torch import nn


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
