"""Historical averaging: each player is held to the mean of its own past.

Paper: Salimans et al. 2016, "Improved techniques for training GANs", section 3.3, https://arxiv.org/abs/1606.03498
Differs: a weight for each player; the paper gives none. The authors' code does not hold the technique.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import Parameter

from gan_lightning.batch import Batch
from gan_lightning.functional import add_to_history_, history_penalty
from gan_lightning.gan import GAN
from gan_lightning.player import Player
from gan_lightning.sharding import is_sharded
from gan_lightning.step import Step, Terms

BUFFERS = ("history_d", "history_g", "history_count_d", "history_count_g")


class HistoricalAveraging(GAN):
    """Add ``weight * |theta - 1/t sum_i theta[i]|^2`` to each player's loss, over its own t updates so far.

    Updates made while the player's weight is 0 are not remembered and do not count in t.

    Two players that chase each other in circles have the equilibrium in the middle of their past, and this pulls them
    there: gradient descent finds equilibria of games that it orbits alone. The present value counts among the past
    ones, as in the paper's sum. The mean is one copy of the parameters per player, in float32 at least, and part of
    the checkpoint. An average of the generator for sampling is another thing.

    Hooks: ``d_terms`` and ``g_terms`` add ``history``; ``d_step`` and ``g_step``. Neutral: ``history_weight_d=0,
    history_weight_g=0``. Cost: one pass over the parameters per update.

    Args:
        history_weight_d: the discriminator's weight, 0 or more. The paper names no value. In its own game (two numbers,
            gradient descent) 0.05 to 0.1 converges, 1 and above freezes the players in their past.
        history_weight_g: the generator's weight, likewise.

    Raises:
        ValueError: if a weight is negative.

    Example:
        >>> from gan_lightning.networks import MLPDiscriminator, MLPGenerator
        >>> class MyGAN(HistoricalAveraging, GAN):
        ...     pass
        >>> MyGAN(MLPGenerator(8, shape=(2,)), MLPDiscriminator(shape=(2,)), latent_dim=8).history_weight_g
        0.05
    """

    history_d: Tensor
    history_g: Tensor

    def __init__(
        self, *args: Any, history_weight_d: float = 0.05, history_weight_g: float = 0.05, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if history_weight_d < 0 or history_weight_g < 0:
            raise ValueError(
                "expected history_weight_d >= 0 and history_weight_g >= 0, "
                f"got {history_weight_d} and {history_weight_g}"
            )
        self.history_weight_d, self.history_weight_g = history_weight_d, history_weight_g
        for name in BUFFERS:  # made at the first update, when all techniques have brought their parameters
            self.register_buffer(name, None)
        self.register_load_state_dict_pre_hook(_make_room)  # type: ignore[no-untyped-call]

    def d_terms(self, step: Step) -> Terms:
        terms = super().d_terms(step)
        if self.history_weight_d:
            terms.add("history", self.history_weight_d * history_penalty(self._player_d.params, self.history_d))
        return terms

    def g_terms(self, step: Step) -> Terms:
        terms = super().g_terms(step)
        if self.history_weight_g:
            terms.add("history", self.history_weight_g * history_penalty(self._player_g.params, self.history_g))
        return terms

    def d_step(self, batch: Batch) -> None:
        with self._remembering(self._player_d, self.history_weight_d):
            super().d_step(batch)

    def g_step(self, batch: Batch) -> None:
        with self._remembering(self._player_g, self.history_weight_g):
            super().g_step(batch)

    def configure_model(self) -> None:
        super().configure_model()
        if self._trainer is not None and is_sharded(self.trainer):  # which loads into buffers that are there, only
            for name, network in (("d", self.discriminator), ("g", self.generator)):
                self._begin(name, tuple(network.parameters()))

    @contextmanager
    def _remembering(self, player: Player, weight: float) -> Iterator[None]:
        # Before the update rather than after: then the values are final, whichever technique clips them afterwards.
        if weight:
            self._begin(player.name, player.params)
            mean, count = getattr(self, f"history_{player.name}"), getattr(self, f"history_count_{player.name}")
            add_to_history_(mean, count, player.params)
        yield

    def _begin(self, player: str, params: tuple[Parameter, ...]) -> None:
        """Make a player's buffers, unless they are there."""
        if getattr(self, f"history_{player}") is None:
            size, like = sum(p.numel() for p in params), params[0]
            wide = torch.promote_types(like.dtype, torch.float32)
            setattr(self, f"history_{player}", torch.zeros(size, dtype=wide, device=like.device))
            setattr(self, f"history_count_{player}", torch.zeros((), dtype=torch.int64, device=like.device))


def _make_room(module: nn.Module, state: dict[str, Any], prefix: str, *rest: Any) -> None:
    """Give a module the buffers that a checkpoint is about to fill, and take those of which it holds nothing."""
    device = next(module.parameters()).device
    for name in BUFFERS:
        stored = state.get(prefix + name)
        setattr(module, name, None if stored is None else torch.empty_like(stored, device=device))
