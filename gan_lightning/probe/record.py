"""What one batch of adversarial training did, whoever wrote the module."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from torch import Tensor

Kind = Literal["real", "fake", "between", "unknown"]


@dataclass(slots=True)
class Judgement:
    """One opinion of the discriminator about samples of one kind.

    Args:
        kind: what was judged: samples of the loader, of the generator, points between them (penalties), or unknown.
        samples: as the discriminator saw them, (N, ...), detached.
        logits: one per sample, (N,): the mean over patches and over several discriminators; detached, float32.
        for_generator: whether it lies in the generator's update, so that gradients ran back into the samples.
        judge: judges other samples (N, ...) with the same labels and other arguments, with gradients: logits (N,).
    """

    kind: Kind
    samples: Tensor
    logits: Tensor
    for_generator: bool
    judge: Callable[[Tensor], Tensor]


@dataclass(slots=True)
class StepRecord:
    """What one training batch did. Tensors are detached and stay on their device; nothing was synchronised.

    Args:
        judgements: the discriminator's opinions, in order.
        real: the loader's samples, (N, ...); as the discriminator saw them where only that is known.
        fake: generated samples, (M, ...), likewise.
        real_label: classes (N,) of the real samples, None if there are none.
        fake_label: classes (M,) that the generator was asked for, None if it was not.
        d_loss: sum of what was back-propagated for the discriminator; None if it was not updated.
        g_loss: likewise for the generator.
        d_gradient: norm of the discriminator's gradient at its last update in this batch.
        g_gradient: likewise for the generator.
        signal: what reaches the generator: norm of the gradient of its loss at each fake sample, times their number,
            (M,); None if it was not updated.
    """

    judgements: list[Judgement] = field(default_factory=list)
    real: Tensor | None = None
    fake: Tensor | None = None
    real_label: Tensor | None = None
    fake_label: Tensor | None = None
    d_loss: Tensor | None = None
    g_loss: Tensor | None = None
    d_gradient: Tensor | None = None
    g_gradient: Tensor | None = None
    signal: Tensor | None = None

    def judged(self, kind: Kind) -> Judgement | None:
        """Return the last opinion about samples of a kind: that of the discriminator's own update if there is one."""
        of_kind = [each for each in self.judgements if each.kind == kind]
        own = [each for each in of_kind if not each.for_generator]
        return next(reversed(own or of_kind), None)
