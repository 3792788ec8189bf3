"""Networks in plain PyTorch, as the modules of ``foreign.py`` have them."""

from math import prod

from torch import nn


def by_hand(nets: str, shape: tuple[int, ...], latent_dim: int, norm_d: str = "none") -> tuple[nn.Module, nn.Module]:
    """Return a generator and a discriminator, "mlp" or "conv"; with batch norm in D if ``norm_d`` is "batch"."""
    return (_mlp if nets == "mlp" else _conv)(shape, latent_dim, norm_d == "batch")


def _mlp(shape: tuple[int, ...], latent_dim: int, batch_norm: bool) -> tuple[nn.Module, nn.Module]:
    width, size = 128, prod(shape)
    norms = [[nn.BatchNorm1d(width)] if batch_norm else [] for _ in range(2)]
    generator = [nn.Linear(latent_dim, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, size)]
    last = [nn.Tanh()] if len(shape) == 3 else []
    first, second = nn.Linear(size, width), nn.Linear(width, width)
    hidden = [first, *norms[0], nn.LeakyReLU(0.2), second, *norms[1], nn.LeakyReLU(0.2)]
    return (
        nn.Sequential(*generator, *last, nn.Unflatten(1, shape)),
        nn.Sequential(nn.Flatten(), *hidden, nn.Linear(width, 1)),
    )


def _conv(shape: tuple[int, ...], latent_dim: int, batch_norm: bool) -> tuple[nn.Module, nn.Module]:
    width, side = 16, shape[-1] // 4
    generator = nn.Sequential(
        nn.Linear(latent_dim, 2 * width * side * side),
        nn.Unflatten(1, (2 * width, side, side)),
        nn.BatchNorm2d(2 * width),
        nn.ReLU(),
        nn.ConvTranspose2d(2 * width, width, 4, 2, 1),
        nn.BatchNorm2d(width),
        nn.ReLU(),
        nn.ConvTranspose2d(width, shape[0], 4, 2, 1),
        nn.Tanh(),
    )
    norm = [nn.BatchNorm2d(2 * width)] if batch_norm else []
    discriminator = nn.Sequential(
        nn.Conv2d(shape[0], width, 4, 2, 1),
        nn.LeakyReLU(0.2),
        nn.Conv2d(width, 2 * width, 4, 2, 1),
        *norm,
        nn.LeakyReLU(0.2),
        nn.Flatten(),
        nn.Linear(2 * width * side * side, 1),
    )
    return generator, discriminator
