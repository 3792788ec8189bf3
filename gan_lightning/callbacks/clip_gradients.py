"""Gradient clipping for each player of any module, where gradients are what they seem."""

from lightning.pytorch import LightningModule, Trainer
from torch import nn
from torch.optim import Optimizer

from gan_lightning.callbacks.attached import ChangesGradients
from gan_lightning.probe import find_network, own_optimizers


class ClipGradients(ChangesGradients):
    """Scale the gradients of a player's update down to a norm.

    ``Trainer(gradient_clip_val=...)`` is refused in manual optimisation, and ``self.clip_gradients`` before a step
    clips scaled gradients with 16-mixed precision. Here they are unscaled, averaged over the ranks, and include what
    other callbacks added, after which this one must come in ``Trainer(callbacks=...)``. The norm is over all that the
    player's optimizer updates. A ``GAN`` of this package has ``clip_d`` and ``clip_g``.

    Args:
        max_norm_d: largest norm of the discriminator's gradient, above 0; None leaves it alone.
        max_norm_g: likewise for the generator.
        discriminator: dotted path of the network; found by its name if None.
        generator: likewise for the generator.

    Raises:
        ValueError: if a norm is not positive or none is given; at fit start, if a player or its optimizer is not found,
            one optimizer updates both, or a callback that changes gradients comes later.

    Example:
        >>> ClipGradients(max_norm_d=1.0).max_norm_g is None
        True
    """

    def __init__(
        self,
        max_norm_d: float | None = None,
        max_norm_g: float | None = None,
        discriminator: str | None = None,
        generator: str | None = None,
    ) -> None:
        super().__init__()
        norms = [norm for norm in (max_norm_d, max_norm_g) if norm is not None]
        if not norms or not all(norm > 0 for norm in norms):
            raise ValueError(f"expected max_norm_d or max_norm_g above 0, got {max_norm_d} and {max_norm_g}")
        self.max_norm_d, self.max_norm_g = max_norm_d, max_norm_g
        self.discriminator, self.generator = discriminator, generator

    def attach(self, trainer: Trainer, pl_module: LightningModule) -> None:
        own_place = trainer.callbacks.index(self)  # type: ignore[attr-defined]
        for later in trainer.callbacks[own_place:]:  # type: ignore[attr-defined]
            if isinstance(later, ChangesGradients) and not isinstance(later, ClipGradients):
                name = type(later).__name__
                raise ValueError(f"ClipGradients would not clip what {name} adds later: list it after {name}")
        self._optimizers_d: tuple[Optimizer, ...] = ()
        self._optimizers_g: tuple[Optimizer, ...] = ()
        if self.max_norm_d is not None:
            network = find_network(pl_module, self.discriminator, "discriminator")
            self._optimizers_d = own_optimizers(trainer, network, "discriminator")
        if self.max_norm_g is not None:
            network = find_network(pl_module, self.generator, "generator")
            self._optimizers_g = own_optimizers(trainer, network, "generator")
        if any(optimizer is other for optimizer in self._optimizers_d for other in self._optimizers_g):
            raise ValueError("ClipGradients needs an optimizer for each player, and one updates both here")
        self.listen_to(trainer, self._optimizers_d + self._optimizers_g)

    def before_step(self, trainer: Trainer, optimizer: Optimizer) -> None:
        for norm, optimizers in ((self.max_norm_d, self._optimizers_d), (self.max_norm_g, self._optimizers_g)):
            if norm is not None and any(optimizer is own for own in optimizers):
                params = [p for group in optimizer.param_groups for p in group["params"]]
                nn.utils.clip_grad_norm_(params, norm)
