"""The discriminator knows its training set by heart, or the generator has copied it.

Paper: Karras et al. 2020, section 3, equation 1, https://arxiv.org/abs/2006.06676 : r_v and r_t. Own study: r_v 0.6 to
1.9 with 32 or 64 samples, at most .25 in healthy runs; r_t, E sign D(real), tells little (area under the curve .65).

Differs: r_v also asks that the two sets of logits can be told apart, for it is a ratio of small numbers at chance.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from gan_lightning.functional import rank_accuracy
from gan_lightning.health.detector import Detector
from gan_lightning.health.detectors.progress import streak
from gan_lightning.health.history import History
from gan_lightning.health.verdict import Verdict
from gan_lightning.health.window import Window


class DiscriminatorOverfitting(Detector):
    """Speaks when the discriminator takes held-out real samples for fakes, or fakes lie too close to training samples.

    Held-out samples are given to the monitor; without them only ``d/sign_real``, E sign D(real), is measured, which
    alone tells nothing.

    Args:
        rv: (D(train) - D(held out)) / (D(train) - D(fake)) in the means, above which it overfits; ``d/overfit_rv``.
        auc: P(D(train) > D(held out)) above which it overfits, both asked for; ``d/overfit_auc``.
        memorised: median distance of a fake to its nearest training sample, over that of a held-out sample, below which
            the generator copies; ``fakes/memorised``.
        checks: in a row that must show it.

    Example:
        >>> DiscriminatorOverfitting(rv=0.6).rv
        0.6
    """

    kind = "discriminator_overfitting"

    def __init__(self, rv: float = 0.5, auc: float = 0.65, memorised: float = 0.75, checks: int = 3) -> None:
        self.rv, self.auc, self.memorised, self.checks = rv, auc, memorised, checks

    def measure(self, window: Window) -> dict[str, Tensor]:
        seen, held_out = window.seen_logits, window.held_out_logits
        unknown = window.real.new_full((), torch.nan)
        lead = seen.mean() - window.fake_logits.mean()
        known = len(seen) and len(held_out)
        return {
            "d/sign_real": window.real_logits.sign().mean(),
            "d/overfit_rv": torch.where(lead > 0, (seen.mean() - held_out.mean()) / lead, torch.nan),
            "d/overfit_auc": rank_accuracy(seen, held_out) if known else unknown,
            "fakes/memorised": _closeness(window) if len(window.held_out) else unknown,
        }

    def judge(self, history: History) -> Verdict | None:
        return self._overfits(history) or self._copies(history)

    def _overfits(self, history: History) -> Verdict | None:
        rv, auc = (history.last(name, self.checks) for name in ("d/overfit_rv", "d/overfit_auc"))
        if not streak(history, [a > self.rv and b > self.auc for a, b in zip(rv, auc, strict=False)], self.checks):
            return None
        return self._verdict(
            history,
            f"the discriminator overfits: it puts held-out real samples {rv[-1]:.0%} of the way from training samples "
            f"to fakes, and tells {auc[-1]:.0%} of all pairs of the two apart, for {self.checks} checks",
        )

    def _copies(self, history: History) -> Verdict | None:
        closeness = history.last("fakes/memorised", self.checks)
        if not streak(history, [value < self.memorised for value in closeness], self.checks):
            return None
        return self._verdict(
            history,
            f"the generator copies training samples: fakes lie {closeness[-1]:.2f} times as far from the nearest as "
            f"held-out real samples do, for {self.checks} checks",
        )

    def _verdict(self, history: History, reason: str) -> Verdict:
        names = ("d/overfit_rv", "d/overfit_auc", "d/sign_real", "fakes/memorised")
        return Verdict(
            self.kind,
            "failure",
            history.held(self.checks),
            history.iteration,
            {name: history.now(name) for name in names},
            reason,
            "too few training samples for a discriminator of this size",
            ADVICE,
        )


ADVICE = (
    "more data",
    "augment what the discriminator sees, adaptively (ADA) or always (DiffAugment); published: works from a few "
    "thousand images down to a hundred",
    "R1 on, or stronger (field's advice)",
    "dropout in the discriminator, or a smaller one (field's advice, not measured for this)",
    "stop early, at the best held-out score",
)


def _closeness(window: Window) -> Tensor:
    """Return how near fakes are to the window's real samples, in the median, over how near held-out samples are."""
    nearest: Callable[[Tensor], Tensor] = lambda x: torch.cdist(x, window.real).amin(1).median()  # noqa: E731
    return nearest(window.fake) / nearest(window.held_out)
