"""Which layers have a weight matrix that a reparametrisation acts on."""

from collections.abc import Callable

from torch import Tensor, nn
from torch.nn.utils.parametrize import is_parametrized

LINEAR_AND_CONVOLUTIONS: tuple[type[nn.Module], ...] = (
    nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d,
)  # fmt: skip
TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)


def layers_with_weight(module: nn.Module, kinds: tuple[type[nn.Module], ...], purpose: str) -> list[nn.Module]:
    """Return the layers of these kinds in ``module``, itself included, each once.

    Raises:
        ValueError: if there is none, naming the purpose.
    """
    layers = [part for part in module.modules() if isinstance(part, kinds)]
    if not layers:
        raise ValueError(
            f"{type(module).__name__} has no layer for {purpose} to act on, expected at least one of "
            f"{', '.join(kind.__name__ for kind in kinds)}: pass the network that holds them"
        )
    return layers


def acts_on(layer: nn.Module, kind: type[nn.Module] | Callable[..., Tensor]) -> bool:
    """Tell whether a parametrisation of this kind is on the layer's weight."""
    if not is_parametrized(layer, "weight"):
        return False
    return any(isinstance(part, kind) for part in layer.parametrizations["weight"])  # type: ignore[index,arg-type]
