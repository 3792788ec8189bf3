"""The inception score over any classifier, in constant memory.

Paper: Salimans et al. 2016, "Improved techniques for training GANs", section 4, https://arxiv.org/abs/1606.03498
Differs: one score over all samples; the paper's is the mean over ten parts, which torchmetrics' keeps all samples for.
"""

from collections.abc import Callable, Sequence
from typing import Any, Self

import torch
from torch import Tensor, nn
from torchmetrics import Metric

from gan_lightning.functional import score_of_sums
from gan_lightning.isolation import evaluating
from gan_lightning.metrics.embedded import details_of
from gan_lightning.metrics.samples import TakesSamples, warn_of_few

FEW = 5000


class InceptionScore(TakesSamples, Metric):
    """``exp(E_x KL(p(y | x) || p(y)))``, between 1 and K; higher is better.

    The name promises the Inception network; what the score means depends on the classifier. On digits, a classifier of
    digits says how sharp the digits are and whether all ten occur, which a network trained on ImageNet cannot say.
    Compare scores of one classifier and one number of samples only. The sums stay in float64, whatever precision the
    metric or a module around it is moved to.

    Args:
        classifier: maps samples (N, ...) to logits (N, K), in evaluation mode.
        num_classes: K, at least 2.

    Raises:
        ValueError: if ``num_classes < 2``; in ``update``, if the logits are not (N, K); in ``compute``, if there were
            no samples, or a logit was NaN.

    Example:
        >>> metric = InceptionScore(nn.Linear(2, 3), num_classes=3)
        >>> metric.update(torch.zeros(5000, 2))
        >>> metric.compute()  # all samples alike
        tensor(1., dtype=torch.float64)
    """

    is_differentiable = False
    higher_is_better = True
    full_state_update = False

    entropy: Tensor
    probabilities: Tensor
    count: Tensor

    def __init__(self, classifier: nn.Module, num_classes: int) -> None:
        super().__init__()
        if num_classes < 2:
            raise ValueError(f"num_classes is {num_classes}, expected at least 2: the score of one class is always 1")
        self.classifier = classifier
        self.num_classes = num_classes
        for name, zero in (("entropy", ()), ("probabilities", (num_classes,)), ("count", ())):
            self.add_state(name, torch.zeros(zero, dtype=torch.float64), dist_reduce_fx="sum")

    def update(self, samples: Tensor) -> None:
        """Classify samples (N, ...) and add them to the sums."""
        self.check(samples)
        with evaluating(self.classifier):
            logits: Tensor = self.classifier(samples)
        if logits.shape != (len(samples), self.num_classes):
            raise ValueError(
                f"the classifier returned {tuple(logits.shape)} for {len(samples)} samples, expected logits "
                f"({len(samples)}, {self.num_classes}): check num_classes"
            )
        probabilities = logits.double().softmax(1)
        self.entropy += torch.special.entr(probabilities).sum()
        self.probabilities += probabilities.sum(0)
        self.count += len(samples)

    def compute(self) -> Tensor:
        """Return the score of all samples since the last reset, in float64."""
        if not self.count:
            raise ValueError(
                "the inception score needs samples, and there were none since the last reset: update first"
            )
        if self.probabilities.isnan().any():
            raise ValueError(
                f"the classifier returned NaN or infinite logits for some of {int(self.count)} samples: check the "
                "classifier's weights, and the samples"
            )
        warn_of_few("an inception score", int(self.count), FEW, "is too small, and not to be compared with others")
        return score_of_sums(self.entropy, self.probabilities, self.count)

    @property
    def details(self) -> dict[str, Any]:
        """What the score has to be read with."""
        return details_of(self.classifier, int(self.count), 0)

    def _apply(self, fn: Callable[..., Any], exclude_state: Sequence[str] = "") -> Self:
        super()._apply(fn, tuple(self._defaults))
        self._computed = None
        for name, zero in self._defaults.items():
            assert isinstance(zero, Tensor)
            self._defaults[name] = zero.to(self.device)
            setattr(self, name, getattr(self, name).to(self.device))
        return self
