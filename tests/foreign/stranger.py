"""What the strangers' modules have in common: tiny networks, data, and a diary of what they truly judged."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from lightning.pytorch import LightningModule
from torch import Tensor, nn

LATENT = 4


class Stranger(LightningModule):
    """Keeps, for each batch, the kinds of what its discriminators were given, in order: the truth that is tested."""

    sees_images = False

    def __init__(self, lr_d: float = 1e-3, lr_g: float = 1e-3) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.lr_d, self.lr_g = lr_d, lr_g
        self.truth: list[list[str]] = []

    def on_train_batch_start(self, batch, batch_idx) -> None:
        self.truth.append([])

    def note(self, *kinds: str) -> None:
        self.truth[-1] += kinds

    def adam(self, lr: float, *networks: nn.Module) -> torch.optim.Optimizer:
        return torch.optim.Adam([p for net in networks for p in net.parameters()], lr=lr, betas=(0.5, 0.99))

    @classmethod
    def batches(cls, n: int = 16, count: int = 4) -> list:
        """Batches in the form that the module wants."""
        samples = images if cls.sees_images else ring
        return [cls.batch(*samples(n, seed)) for seed in range(count)]

    @staticmethod
    def batch(x: Tensor, label: Tensor):
        return x


@dataclass
class ImageBatch:
    """As anomalib yields them."""

    image: Tensor
    gt_label: Tensor
    path: list[str]


def ring(n: int, seed: int) -> tuple[Tensor, Tensor]:
    """Points on eight spots of a circle, and which."""
    random = torch.Generator().manual_seed(seed)
    label = torch.randint(8, (n,), generator=random)
    angle = label * torch.pi / 4
    x = torch.stack([angle.cos(), angle.sin()], 1)
    return x + 0.05 * torch.randn(n, 2, generator=random), label


def images(n: int, seed: int) -> tuple[Tensor, Tensor]:
    """Images in [0, 1] with a bright quarter, and which."""
    random = torch.Generator().manual_seed(seed)
    label = torch.randint(4, (n,), generator=random)
    bright = F.one_hot(label, 4).float().reshape(n, 1, 2, 2)
    x = 0.8 * F.interpolate(bright, scale_factor=4) + 0.1
    return x + 0.1 * torch.rand(n, 1, 8, 8, generator=random), label


def latents(like: Tensor) -> Tensor:
    return torch.randn(len(like), LATENT, device=like.device, dtype=like.dtype)


def layers(inputs: int, outputs: int, width: int = 32) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(inputs, width),
        nn.LeakyReLU(0.2),
        nn.Linear(width, width),
        nn.LeakyReLU(0.2),
        nn.Linear(width, outputs),
    )


class Painter(nn.Sequential):
    """Latents to images in [-1, 1]."""

    def __init__(self, inputs: int = LATENT) -> None:
        super().__init__(layers(inputs, 64), nn.Tanh(), nn.Unflatten(1, (1, 8, 8)))


class Patches(nn.Sequential):
    """A logit for each patch of an image."""

    def __init__(self, channels: int = 1) -> None:
        super().__init__(nn.Conv2d(channels, 8, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(8, 1, 3, 1, 1))


def bce(logits: Tensor, target: float) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))


def hinge(real: Tensor, fake: Tensor) -> Tensor:
    return F.relu(1 - real).mean() + F.relu(1 + fake).mean()


def slopes(logits: Tensor, x: Tensor) -> Tensor:
    """Norms of a critic's gradient at each sample, to be differentiated again."""
    (gradient,) = torch.autograd.grad(logits.sum(), x, create_graph=True)
    return gradient.flatten(1).norm(2, dim=1)
