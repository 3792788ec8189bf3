"""Stacked MNIST: how many of the 1,000 combinations of three digits a generator makes.

Paper: Metz et al. 2017 (unrolled GAN), section 3.3, https://arxiv.org/abs/1611.02163; Srivastava et al. 2017 (VEEGAN),
    section 5.2, https://arxiv.org/abs/1705.07761: a digit in each colour channel, told by a classifier (argmax).

Counts depend on the classifier and the number of samples (26,000 in VEEGAN and PacGAN, 25,600 in unrolled GAN).
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torchmetrics import Metric

from gan_lightning.functional import kl_floor, modes_floor
from gan_lightning.isolation import evaluating
from gan_lightning.metrics.embedded import details_of
from gan_lightning.metrics.samples import TakesSamples


class StackedModes(TakesSamples, Metric):
    """Count the modes of images whose channels hold a class each, and their divergence from even or given shares.

    ``compute`` returns ``modes`` (hit by one sample at least), ``kl``, ``sum_k q_k log(q_k / r_k)`` in nats,
    ``confidence``, the mean probability of the class that was told, and ``modes_perfect`` and ``kl_perfect``: what as
    many samples of the data themselves have on average. No sampler of finite samples reaches 0.

    Args:
        classifier: maps one channel (N, 1, H, W) to logits (N, C); a network does so in evaluation mode.
        num_classes: C, at least 2.
        num_channels: channels, each with a class of its own; C to that power is the number of modes.
        shares: r, of the data's classes in one channel, with the sum 1, if they are not even (MNIST's are not quite).

    Raises:
        ValueError: if a number is too small or the shares do not fit; in ``update``, if images are no
            (N, num_channels, H, W) or logits no (N, C); in ``compute``, if there were no images.

    Example:
        >>> brightness = lambda x: torch.stack([-x.mean((1, 2, 3)), x.mean((1, 2, 3))], 1)
        >>> metric = StackedModes(brightness, num_classes=2)
        >>> metric.update(torch.tensor([[1.0, -1.0, 1.0], [-1.0, -1.0, 1.0]])[:, :, None, None])
        >>> int(metric.compute()["modes"])
        2
    """

    is_differentiable = False
    higher_is_better = None
    full_state_update = False

    counts: Tensor
    certainty: Tensor

    def __init__(
        self,
        classifier: nn.Module | Callable[[Tensor], Tensor],
        num_classes: int = 10,
        num_channels: int = 3,
        shares: Sequence[float] | None = None,
    ) -> None:
        super().__init__()
        if num_classes < 2 or num_channels < 1:
            raise ValueError(
                f"got num_classes={num_classes} and num_channels={num_channels}, expected at least 2 and at least 1"
            )
        due = torch.full((num_classes,), 1 / num_classes).double() if shares is None else torch.tensor(shares).double()
        if due.shape != (num_classes,) or abs(float(due.sum()) - 1) > 1e-3 or (due <= 0).any():
            raise ValueError(f"shares must be {num_classes} numbers above 0 with the sum 1, got {shares}")
        self.classifier, self.num_classes, self.num_channels = classifier, num_classes, num_channels
        self.due = due / due.sum()
        self.add_state("counts", torch.zeros(num_classes**num_channels, dtype=torch.long), dist_reduce_fx="sum")
        self.add_state("certainty", torch.zeros((), dtype=torch.float64), dist_reduce_fx="sum")

    def update(self, images: Tensor) -> None:
        """Classify each channel of images (N, num_channels, H, W)."""
        self.check(images)
        if images.ndim != 4 or images.shape[1] != self.num_channels:
            raise ValueError(
                f"the images are {tuple(images.shape)}, expected (N, {self.num_channels}, H, W), "
                "a class in each channel"
            )
        probabilities = self._classified(images.detach().flatten(0, 1)[:, None])
        certainty, told = probabilities.max(1)
        places = self.num_classes ** torch.arange(self.num_channels - 1, -1, -1, device=told.device)
        modes = (told.view(len(images), self.num_channels) * places).sum(1)
        self.counts += torch.bincount(modes, minlength=len(self.counts))
        self.certainty += certainty.double().sum()

    def compute(self) -> dict[str, Tensor]:
        """Return the figures of all images since the last reset, each ()."""
        num = int(self.counts.sum())
        if not num:
            raise ValueError("stacked modes need images, and there were none since the last reset: update first")
        due, shares = self._joint(), self.counts.double() / num
        return {
            "modes": (self.counts > 0).sum(),
            "kl": torch.special.xlogy(shares, shares / due).sum(),
            "confidence": self.certainty / (num * self.num_channels),
            "modes_perfect": modes_floor(num, due),
            "kl_perfect": kl_floor(num, due),
        }

    @property
    def details(self) -> dict[str, Any]:
        """What the figures have to be read with."""
        return details_of(self.classifier, int(self.counts.sum()), 0)

    def _classified(self, channels: Tensor) -> Tensor:
        with evaluating(self.classifier) if isinstance(self.classifier, nn.Module) else torch.no_grad():
            logits: Tensor = self.classifier(channels)
        if logits.shape != (len(channels), self.num_classes):
            raise ValueError(
                f"the classifier returned {tuple(logits.shape)} for {len(channels)} channels, expected logits "
                f"({len(channels)}, {self.num_classes}): check num_classes"
            )
        if not logits.isfinite().all():
            raise ValueError("the classifier returned NaN or infinite logits: check its weights, and the images")
        return logits.float().softmax(1)

    def _joint(self) -> Tensor:
        """Return the data's shares of the modes, the first channel's class in the highest place, (C^num_channels,)."""
        due = self.due.to(self.counts.device)
        joint = due
        for _ in range(self.num_channels - 1):
            joint = torch.outer(joint, due).flatten()
        return joint
