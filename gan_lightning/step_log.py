"""What a step leaves for the log: tensors, kept and passed on only at the steps that Lightning logs."""

import warnings
from typing import TYPE_CHECKING, Any

from lightning.pytorch.utilities import rank_zero_warn
from torch import Tensor

from gan_lightning.functional import discriminator_score, generator_score, rank_accuracy

if TYPE_CHECKING:
    from lightning.pytorch import LightningModule

    from gan_lightning.losses import AdversarialLoss
    from gan_lightning.step import Terms

# Said at every fit without held-out data, which is no mistake here.
warnings.filterwarnings("ignore", message="You defined a `validation_step` but have no `val_dataloader`")

IN_PROGRESS_BAR = frozenset({"d/loss", "g/loss", "d/score", "g/score", "d/rank_accuracy"})


class StepLog:
    """Losses and scores of the steps that are logged; nothing at all is done at the others.

    ``self.log`` costs a quarter of a millisecond per name whether or not the step is logged, which is more than a step
    of small networks can bear.
    """

    def __init__(self) -> None:
        self.is_due = False
        """Whether the running step is logged."""
        self._kept: dict[str, Tensor] = {}
        self._has_warned = False

    def start(self, trainer: Any) -> None:
        """Find out whether the step that begins is to be logged."""
        if self._kept:
            self._forget(trainer)
        # Lightning asks the same question after the step; keeping to its clock, no logged value is ever stale.
        every: int = trainer.log_every_n_steps
        batches: int = trainer.fit_loop.epoch_loop._batches_that_stepped
        self.is_due = every > 0 and (batches + 1) % every == 0

    def keep_terms(self, player: str, terms: "Terms", total: Tensor) -> None:
        """Keep a player's total as ``d/loss``, and its terms as ``d/adv``, ``d/r1`` ... if there are several."""
        self._kept[f"{player}/loss"] = total.detach()
        if len(terms) > 1:
            self._kept |= {f"{player}/{name}": value.detach() for name, value in terms.items()}

    def keep(self, name: str, value: Tensor) -> None:
        """Keep any other scalar under its full name, as in ``d/ada_p``."""
        self._kept[name] = value.detach()

    def keep_scores(self, loss: "AdversarialLoss", real: Tensor, fake: Tensor) -> None:
        """Keep the scores of logits (N,)."""
        self._kept |= scores(loss, real.detach(), fake.detach())

    def publish(self, module: "LightningModule") -> None:
        """Hand what was kept to Lightning."""
        for name, value in self._kept.items():
            module.log(name, value, prog_bar=name in IN_PROGRESS_BAR, sync_dist=True)
        broken = [name for name, value in self._kept.items() if not self._has_warned and not value.isfinite()]
        if broken:
            self._has_warned = True
            rank_zero_warn(
                f"{', '.join(broken)} became NaN or infinite: the run has diverged, or a batch holds NaN; go back to "
                "the last good checkpoint with a lower learning rate, clip_d and clip_g, or clean the data"
            )

    def _forget(self, trainer: Any) -> None:
        # Lightning has passed them on to loggers, callbacks and the bar, but would read them out again at every batch.
        results: dict[str, Any] = trainer._results or {}
        for name in self._kept:
            results.pop(f"training_step.{name}", None)
        self._kept = {}


def scores(loss: "AdversarialLoss", real: Tensor, fake: Tensor) -> dict[str, Tensor]:
    """Return both players' scores, or the rank accuracy where logits are no probabilities.

    Args:
        loss: tells whether they are.
        real: logits of real samples, (N,).
        fake: logits of generated samples, (M,).
    """
    if loss.probabilistic:
        return {"d/score": discriminator_score(real, fake), "g/score": generator_score(fake)}
    return {"d/rank_accuracy": rank_accuracy(real, fake)}
