"""The weights of a network by name: what is averaged, how wide, and how they are put in its place."""

from typing import Any

import torch
from torch import Tensor, nn


def floating(network: nn.Module) -> dict[str, nn.Parameter]:
    """Return the parameters that have a mean, by name."""
    return {name: p for name, p in network.named_parameters() if p.is_floating_point()}


def wide(p: Tensor) -> Tensor:
    """Return a copy in float32 at least: small steps vanish in half precision."""
    return p.detach().to(torch.promote_types(p.dtype, torch.float32), copy=True)


def fitted(average: dict[str, Tensor], network: nn.Module, path: str) -> dict[str, Tensor]:
    """Return an average in the order and on the devices of a network's parameters.

    Raises:
        ValueError: if it is of another network.
    """
    params = floating(network)
    if {name: p.shape for name, p in params.items()} != {name: mean.shape for name, mean in average.items()}:
        raise ValueError(
            f"GeneratorEMA holds the average of another network than {path}: its parameters have other names or "
            "shapes; use a new GeneratorEMA for it, or name the generator, generator='path.to.it'"
        )
    with torch.inference_mode(False):  # a training that follows a validation goes on to change them
        return {name: average[name].to(p.device) for name, p in params.items()}


@torch.no_grad()
def fill(network: nn.Module, values: dict[str, Tensor]) -> None:
    """Put values into the parameters of the same names, in their precision and on their device."""
    for name, p in floating(network).items():
        p.copy_(values[name])


def derived(network: nn.Module) -> dict[int, Any]:
    """Return copies, by identity, of what the older weight norm and spectral norm compute, for ``deepcopy`` refuses."""
    kept = [value for part in network.modules() for value in vars(part).values() if isinstance(value, Tensor)]
    return {id(tensor): tensor.detach().clone() for tensor in kept if not tensor.is_leaf}
