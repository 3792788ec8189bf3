"""Spectral normalisation of a whole network.

Paper: Miyato et al. 2018, "Spectral normalization for generative adversarial networks", section 2.1 and algorithm 1,
    https://arxiv.org/abs/1802.05957.
"""

from torch import nn
from torch.nn.utils.parametrizations import _SpectralNorm, spectral_norm
from torch.nn.utils.parametrize import is_parametrized
from torch.nn.utils.spectral_norm import SpectralNorm as OlderSpectralNorm

from gan_lightning.layers.weighted import LINEAR_AND_CONVOLUTIONS, acts_on, layers_with_weight


def add_spectral_norm(
    module: nn.Module,
    *,
    n_power_iterations: int = 1,
    kinds: tuple[type[nn.Module], ...] = LINEAR_AND_CONVOLUTIONS,
) -> int:
    """Divide the weight of every linear and convolutional layer by its largest singular value, in place.

    The value is estimated by u^T W v, with one step of the power iteration per forward in training. That makes a
    discriminator's slope at most about 1 times that of its activations. For the discriminator, and as in SAGAN for both
    players; call it after weights are initialised and before optimizers are built. Layers that have it already, also in
    torch's older form, are left as they are. Batch norm in the same network undoes the bound.

    The vectors u and v are buffers. They move by the weights alone, not by the data, so that ranks which start from one
    state stay equal; they are kept in the state dict; and an average of weights (EMA) has to copy them, not to average
    them, because the mean of two unit vectors is shorter. Copies by ``copy.deepcopy`` are independent. A network with
    parametrisations cannot be pickled; torch saves its state dict instead.

    Args:
        module: a network, or a single layer.
        n_power_iterations: steps per forward in training, at least 1; the paper uses 1.
        kinds: which layers; add ``nn.Embedding`` for class embeddings, as in projection discriminators.

    Returns:
        How many layers it was put on.

    Raises:
        ValueError: if there is no such layer, a weight is computed from others already, as by weight norm or the
            equalized learning rate, or ``n_power_iterations < 1``.

    Example:
        >>> import torch
        >>> network = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))
        >>> add_spectral_norm(network), add_spectral_norm(network)
        (2, 0)
        >>> round(torch.linalg.vector_norm(network[2].weight).item(), 3)  # one row has one singular value
        1.0
    """
    if n_power_iterations < 1:
        raise ValueError(f"n_power_iterations is {n_power_iterations}, expected at least 1; the paper uses 1")
    layers = layers_with_weight(module, kinds, "spectral normalisation")
    bare = [layer for layer in layers if not acts_on(layer, _SpectralNorm) and not _has_older(layer)]
    for layer in bare:
        if is_parametrized(layer, "weight") or "weight" not in dict(layer.named_parameters(recurse=False)):
            raise ValueError(
                f"the weight of a {type(layer).__name__} in {type(module).__name__} is computed from others already, "
                "as by weight norm, and spectral normalisation would act on top of it: build the network without "
                "that, or take it off first (torch.nn.utils.remove_weight_norm, or for parametrisations "
                "torch.nn.utils.parametrize.remove_parametrizations)"
            )
    for layer in bare:
        spectral_norm(layer, n_power_iterations=n_power_iterations)
    return len(bare)


def _has_older(layer: nn.Module) -> bool:
    return any(isinstance(hook, OlderSpectralNorm) for hook in layer._forward_pre_hooks.values())
