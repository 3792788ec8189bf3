"""Adaptive balance: skip or repeat the discriminator's update by how well it tells real from generated.

Paper: none of its own; a custom that Goodfellow 2016, "NIPS 2016 tutorial: generative adversarial networks", chapter 4
    ("Can one balance G and D?"), describes and advises against, https://arxiv.org/abs/1701.00160
Differs: the share of interventions is bounded exactly and logged, so that the discriminator never stands still unseen.
"""

from typing import Any

import torch
from torch import Tensor

from gan_lightning.batch import Batch
from gan_lightning.construction import check_count
from gan_lightning.distributed import gather_over_ranks
from gan_lightning.functional import rank_accuracy
from gan_lightning.gan import GAN
from gan_lightning.step import Step, Terms


class AdaptiveBalance(GAN):
    """Skip updates of a discriminator that is too sure, and repeat those of one that cannot tell.

    The measure is the running rank accuracy P(D(x) > D(G(z))), which needs no scale of the logits: 1 for a perfect
    discriminator, 0.5 for a guessing one. Above ``balance_high`` D's update is skipped; below ``balance_low`` a second
    one on the same batch, with new generated samples, follows the first. Each regular update earns
    ``balance_cap / (1 - balance_cap)`` interventions, saved up to one (or to that number, if larger), so their share
    of all iterations never exceeds ``balance_cap``. The logs ``d/skip_share``, ``d/repeat_share`` and
    ``d/balance_accuracy`` tell what it does: where one of the shares sits at the cap, the networks or the learning
    rates do not match, and those should be changed. Regularise D (R1, spectral norm) before reaching for this.

    Hooks: ``d_terms`` measures, ``d_step``. Neutral: ``balance_cap=0``. Cost: two sorts of the logits per update, one
    synchronisation per ``balance_every`` iterations; skipped updates save their time.

    Args:
        balance_high: accuracy above which updates are skipped, in (0.5, 1].
        balance_low: accuracy below which they are repeated, in [0, 0.5]; 0 never repeats.
        balance_cap: largest share of the iterations that are skipped or repeated, in [0, 1).
        balance_every: iterations between two decisions, at least 1.
        balance_decay: what the running accuracy keeps at each update, in [0, 1).

    Raises:
        TypeError: if ``balance_every`` is no whole number.
        ValueError: if an argument is out of range.

    Example:
        >>> from gan_lightning.networks import MLPDiscriminator, MLPGenerator
        >>> networks = MLPGenerator(8, shape=(2,)), MLPDiscriminator(shape=(2,))
        >>> AdaptiveBalance(*networks, latent_dim=8, balance_cap=0.25).balance_cap
        0.25
    """

    balance_means: Tensor
    """Running sums, (2,): of the rank accuracy, and of 1."""

    def __init__(
        self,
        *args: Any,
        balance_high: float = 0.95,
        balance_low: float = 0.45,
        balance_cap: float = 0.5,
        balance_every: int = 10,
        balance_decay: float = 0.9,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if not (0 <= balance_low <= 0.5 < balance_high <= 1 and 0 <= balance_cap < 1 and 0 <= balance_decay < 1):
            raise ValueError(
                "expected balance_low in [0, 0.5], balance_high in (0.5, 1], balance_cap and balance_decay in [0, 1), "
                f"got {balance_low}, {balance_high}, {balance_cap} and {balance_decay}"
            )
        check_count("balance_every", balance_every, 1)
        self.balance_high, self.balance_low, self.balance_cap = balance_high, balance_low, balance_cap
        self.balance_every, self.balance_decay = balance_every, balance_decay
        self.register_buffer("balance_means", torch.zeros(2))
        self._balance_parts = list[Tensor]()
        self._balance: dict[str, Any] = {"wish": 0, "credit": 0.0, "skipped": 0, "repeated": 0, "turns": 0}

    def d_terms(self, step: Step) -> Terms:
        terms = super().d_terms(step)
        if self.balance_cap:
            self._balance_parts.append(torch.stack([step.on_real.logits, step.on_fake.logits], 1).detach())
        return terms

    def d_step(self, batch: Batch) -> None:
        for _ in range(self._balance_updates()):
            self._balance_parts.clear()
            super().d_step(batch)
            self._measure_balance()

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        super().on_save_checkpoint(checkpoint)
        checkpoint["adaptive_balance"] = dict(self._balance)

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        super().on_load_checkpoint(checkpoint)
        self._balance = dict(checkpoint["adaptive_balance"])

    def _measure_balance(self) -> None:
        """Let the running accuracy see the logits of this update, of all micro-batches and ranks together."""
        if not self._balance_parts:
            return
        real, fake = gather_over_ranks(torch.cat(self._balance_parts)).unbind(1)
        self._balance_parts.clear()
        accuracy = rank_accuracy(real, fake).to(self.balance_means.dtype)
        self.move_mean(self.balance_means, torch.stack([accuracy, torch.ones_like(accuracy)]), 1 - self.balance_decay)
        if self._step_log.is_due:
            self.note("d/balance_accuracy", self.balance_means[0] / self.balance_means[1])

    def _balance_updates(self) -> int:
        """Return how many updates the discriminator makes of this batch: 0, 1 or 2."""
        if not self.balance_cap:
            return 1
        state = self._balance
        if self.iteration % self.balance_every == 0:
            state["wish"] = self._balance_wish()
        earned = self.balance_cap / (1 - self.balance_cap)
        acts = state["wish"] != 0 and state["credit"] >= 1 - 1e-9
        state["credit"] = state["credit"] - 1 if acts else min(state["credit"] + earned, max(1.0, earned))
        state["turns"] += 1
        state["skipped"] += acts and state["wish"] < 0
        state["repeated"] += acts and state["wish"] > 0
        if self._step_log.is_due:
            for name, count in (("skip", state["skipped"]), ("repeat", state["repeated"])):
                self.note(f"d/{name}_share", self.balance_means.new_tensor(count / state["turns"]))
        return int(1 + state["wish"] * acts)

    def _balance_wish(self) -> int:
        """Return -1 to skip, 1 to repeat, 0 to leave things as they are; the one number read from the device."""
        total, weight = self.balance_means.tolist()
        if not weight:
            return 0
        accuracy = total / weight
        return int(accuracy < self.balance_low) - int(accuracy > self.balance_high)
