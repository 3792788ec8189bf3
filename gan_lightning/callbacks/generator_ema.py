"""An average of the generator over its training, for sampling.

Paper: Karras et al. 2018, section 4 (weights for sampling), https://arxiv.org/abs/1710.10196. Yazici et al. 2019, "The
unusual effectiveness of averaging in GAN training", https://arxiv.org/abs/1806.04498. Half-life and ramp-up: Karras et
al. 2020, "Training generative adversarial networks with limited data", appendix C, https://arxiv.org/abs/2006.06676
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from copy import deepcopy
from typing import Any

import torch
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.strategies import DDPStrategy, SingleDeviceStrategy
from lightning.pytorch.utilities import rank_zero_warn
from torch import Tensor, nn
from torch.optim import Optimizer

from gan_lightning.callbacks.attached import Attached
from gan_lightning.callbacks.averaged_weights import derived, fill, fitted, floating, wide
from gan_lightning.probe import batch_size_of, check_whole, find_network, own_optimizers, path_of


class GeneratorEMA(Attached):
    """Keep an exponential moving average of the generator, and validate, test and predict with it.

    After an update of the generator ``average += (1 - beta) * (theta - average)`` with
    ``beta = 0.5 ** (images / half_life)``, where ``images`` were in the batches since the last one, over all ranks: of
    several updates on one batch the first counts. Only parameters are averaged; buffers are the generator's own: the
    mean of spectral norm's unit vectors is no unit vector, and running statistics are averages already. Of
    ``ExtraAdam`` the points are averaged that its updates reach, not those ahead. Training does not notice.

    The checkpoint holds the raw weights as always, and the average in the callback's state. Callbacks that sample show
    the average within ``with averaged_generator(trainer):``. After the fit::

        with ema.applied():
            samples = module.sample(64)
        generator = ema.average_model()

    Args:
        half_life_kimg: thousands of images after which a weight's share is halved, above 0; Karras et al. use 10 to 20.
        ramp_up: largest half-life as a share of the images seen, so that the start is soon forgotten; 0.05 in the
            paper; None for no ramp.
        generator: dotted path of the network; found by its name if None.

    Raises:
        ValueError: if a number is not positive; at fit start, if the generator or its optimizer is not found, its
            optimizer updates the discriminator too, or more than a generator found by its name, or its parameters are
            split over devices; in training, if a batch holds no tensor to count.

    Example:
        >>> GeneratorEMA(half_life_kimg=20).ramp_up
        0.05
    """

    def __init__(
        self, half_life_kimg: float = 10.0, ramp_up: float | None = 0.05, generator: str | None = None
    ) -> None:
        super().__init__()
        if not half_life_kimg > 0 or not (ramp_up is None or ramp_up > 0):
            raise ValueError(f"expected half_life_kimg and ramp_up above 0, got {half_life_kimg} and {ramp_up}")
        self.half_life_kimg, self.ramp_up, self.generator = half_life_kimg, ramp_up, generator
        self._raw: dict[str, Tensor] = {}
        self._network: nn.Module | None = None
        self._evaluation = ExitStack()

    def start_anew(self) -> None:
        self._average: dict[str, Tensor] = {}
        self._images = self._images_at_update = 0

    @property
    def state_key(self) -> str:
        return self._generate_state_key(generator=self.generator)

    def state_dict(self) -> dict[str, Any]:
        average = {name: tensor.clone() for name, tensor in self._average.items()}
        return {"average": average, "images": self._images, "images_at_update": self._images_at_update}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        super().load_state_dict(state_dict)
        self._average = {name: tensor.clone() for name, tensor in state_dict["average"].items()}
        self._images, self._images_at_update = state_dict["images"], state_dict["images_at_update"]

    def on_save_checkpoint(self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]) -> None:
        for name, tensor in self._raw.items():  # saved amid a validation
            if f"{self._path}.{name}" in checkpoint["state_dict"]:
                checkpoint["state_dict"][f"{self._path}.{name}"] = tensor

    def attach(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if not isinstance(trainer.strategy, SingleDeviceStrategy | DDPStrategy):
            raise ValueError(f"GeneratorEMA runs on one device or with DDP, not with {type(trainer.strategy).__name__}")
        network = self._find(pl_module)
        optimizers = own_optimizers(trainer, network, "generator")
        if self.generator is None:
            check_whole(pl_module, network, optimizers, "generator")
        if not self._average:
            self._average = {name: wide(p) for name, p in floating(network).items()}
        self._bind(network)
        self.hold(optimizers[-1].register_step_post_hook(self._update))

    def on_train_batch_start(self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int) -> None:
        self._images += trainer.world_size * batch_size_of(batch)

    @torch.no_grad()
    def _update(self, optimizer: Optimizer, *called_with: Any) -> None:
        images = self._images - self._images_at_update
        if not images:  # another update on the same batch
            return
        self._images_at_update = self._images
        half_life = 1000 * self.half_life_kimg
        if self.ramp_up is not None:
            half_life = min(half_life, self.ramp_up * self._images)
        share = 1 - 0.5 ** (images / half_life)
        with getattr(optimizer, "at_iterate", nullcontext)():
            now: list[Tensor] = self._params if self._are_wide else list(map(wide, self._params))  # type: ignore[assignment]
            torch._foreach_lerp_(self._means, now, share)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Put the average into the generator, and the raw weights back; a ``RuntimeError`` if there is none yet."""
        if self._network is None:
            raise RuntimeError("GeneratorEMA has no average yet: fit, validate or test with it first")
        if self._raw:
            yield
            return
        self._raw = {name: p.detach().clone() for name, p in floating(self._network).items()}
        try:
            fill(self._network, self._average)
            yield
        finally:
            fill(self._network, self._raw)
            self._raw = {}

    def average_model(self) -> nn.Module:
        """Return a copy of the generator with the averaged weights, in evaluation mode and frozen."""
        with self.applied():
            return deepcopy(self._network, derived(self._network)).eval().requires_grad_(False)  # type: ignore

    def is_ready_for(self, pl_module: LightningModule) -> bool:
        """Tell whether there is an average of this module's generator; take up one from a checkpoint."""
        if not self._average or self._learned_from not in (None, pl_module):
            return False
        self._bind(self._find(pl_module))
        return True

    def _find(self, pl_module: LightningModule) -> nn.Module:
        network = find_network(pl_module, self.generator, "generator")
        self._path = path_of(pl_module, network)
        return network

    def _bind(self, network: nn.Module) -> None:
        self._average = fitted(self._average, network, self._path)
        self._network = network
        self._params, self._means = list(floating(network).values()), list(self._average.values())
        self._are_wide = all(p.dtype == mean.dtype for p, mean in zip(self._params, self._means, strict=True))

    def on_validation_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self.turn_to(pl_module)
        if not self._average:
            rank_zero_warn("GeneratorEMA has no average yet, so the raw one is used: fit first, or give ckpt_path")
            return
        self._bind(self._find(pl_module))
        self._evaluation.enter_context(self.applied())

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._evaluation.close()

    on_test_start = on_predict_start = on_validation_start
    on_test_end = on_predict_end = on_validation_end

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        self._evaluation.close()
        super().on_exception(trainer, pl_module, exception)


@contextmanager
def averaged_generator(trainer: Trainer) -> Iterator[bool]:
    """Put the average into the generator if there is a ``GeneratorEMA``, wherever it stands in the trainer's list.

    For callbacks that sample, at any time of a fit and after it, also within itself and while validating. The raw
    weights come back bit for bit.

    Yields:
        Whether an average is shown; False without a ``GeneratorEMA``, or before it has an average of this module.

    Example:
        >>> with averaged_generator(Trainer(accelerator="cpu", logger=False, enable_checkpointing=False)) as is_average:
        ...     print(is_average)
        False
    """
    module = trainer.lightning_module
    found = [callback for callback in getattr(trainer, "callbacks", ()) if isinstance(callback, GeneratorEMA)]
    with ExitStack() as stack:
        ready = [ema for ema in found if module is not None and ema.is_ready_for(module)]
        for ema in ready:
            stack.enter_context(ema.applied())
        yield bool(ready)
