"""Mode collapse where the modes are known: which of them does the generator still make?

Paper: Srivastava et al. 2017 (VEEGAN), section 5.1, https://arxiv.org/abs/1705.07761

Differs: a mode is found if a fifth of its due samples is nearest to its centre, whether they are good or not; windows
    of some hundred samples are too small to count those within three sigma for each of many modes.
"""

from typing import ClassVar

from torch import Tensor

from gan_lightning.functional import mode_shares
from gan_lightning.health.detector import Detector
from gan_lightning.health.detectors.mode_collapse import ADVICE, CAUSE
from gan_lightning.health.detectors.persistence import fraction, holds, onset
from gan_lightning.health.detectors.progress import level
from gan_lightning.health.history import History
from gan_lightning.health.reference import flattened
from gan_lightning.health.verdict import Kind, Verdict
from gan_lightning.health.window import Window

FOUND = 0.2
"""Part of its due samples with which a mode is found."""


class LostModes(Detector):
    """Fail a run whose generator, which had found most modes, has lost many of them.

    It fails a run in which the share of missing modes was once at most ``armed`` in two checks in a row, and then is
    above ``missing`` in three of four. Modes are compared where the window's samples are: exactly in the data's space
    up to 16 dimensions, else in the space of their principal components.

    Args:
        centers: of the modes, which are equally large, (K, ...) with the shape of samples, or as vectors of the
            monitor's embedder if it has one.
        sigma: standard deviation of each mode, for ``modes/valid``: the share of samples within three of it.
        armed: ``modes/missing`` at which the generator counts as good once.
        missing: ``modes/missing`` from which it is bad.

    Raises:
        ValueError: if there are no centres, ``sigma <= 0``, or ``armed >= missing``; at the first check, if the
            centres have another size than the samples.

    Example:
        >>> import torch
        >>> LostModes(torch.eye(8), sigma=0.1).centers.shape
        torch.Size([8, 8])
    """

    kind: ClassVar[Kind] = "mode_collapse"

    def __init__(self, centers: Tensor, sigma: float, armed: float = 0.1, missing: float = 0.25) -> None:
        if centers.ndim < 2 or not len(centers) or not sigma > 0 or not armed < missing:
            raise ValueError(
                "expected centres (K, ...), sigma > 0 and armed < missing, got centres of shape "
                f"{tuple(centers.shape)}, sigma={sigma}, armed={armed} and missing={missing}"
            )
        self.centers, self.sigma = flattened(centers), sigma
        self.armed, self.missing = armed, missing

    def measure(self, window: Window) -> dict[str, Tensor]:
        mean = window.reference.mean
        if self.centers.shape[1] != len(mean):
            raise ValueError(
                f"LostModes was given centres of {self.centers.shape[1]} numbers each, and the samples have "
                f"{len(mean)}: give centres with the shape of samples"
            )
        centers = window.reference.embed(self.centers.to(mean.device))
        shares = mode_shares(window.fake, centers, self.sigma)
        found = (shares.nearest >= FOUND / len(centers)).sum()
        unknown = 0 * window.fake.sum()
        return {
            "modes/found": found + unknown,
            "modes/missing": 1 - found / len(centers) + unknown,
            "modes/valid": shares.valid.sum() + unknown,
        }

    def judge(self, history: History) -> Verdict | None:
        bad = [missing > self.missing for missing in history.last("modes/missing", len(history))]
        if not history.lowest("modes/missing") <= self.armed or not holds(bad):
            return None
        seen = {name: level(history.last(name, 3)) for name in ("modes/found", "modes/missing", "modes/valid")}
        reason = (
            f"{seen['modes/found']:.0f} of {len(self.centers)} modes are left, {fraction(seen['modes/missing'])} are "
            f"lost, and {fraction(seen['modes/valid'])} of the generated samples are within three sigma of a centre"
        )
        return Verdict(self.kind, "failure", onset(history, bad), history.iteration, seen, reason, CAUSE, ADVICE)
