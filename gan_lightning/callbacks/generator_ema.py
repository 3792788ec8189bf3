"""An average of the generator over its training, for sampling.

Paper: Karras et al. 2018, section 4 (weights for sampling), https://arxiv.org/abs/1710.10196. Yazici et al. 2019, "The
unusual effectiveness of averaging in GAN training", https://arxiv.org/abs/1806.04498. Half-life and ramp-up: Karras et
al. 2020, "Training generative adversarial networks with limited data", appendix C, https://arxiv.org/abs/2006.06676
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from typing import Any

import torch
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.strategies import DDPStrategy, SingleDeviceStrategy
from lightning.pytorch.utilities import rank_zero_warn
from torch import Tensor, nn

from gan_lightning.callbacks.attached import Attached
from gan_lightning.probe import batch_size_of, check_whole, find_network, own_optimizers, path_of


class GeneratorEMA(Attached):
    """Keep an exponential moving average of the generator, and validate, test and predict with it.

    After each update of the generator ``average += (1 - beta) * (theta - average)`` with
    ``beta = 0.5 ** (images / half_life)``, where ``images`` were in the batches since the last update, over all ranks.
    Only parameters are averaged; buffers are the generator's own: the mean of spectral norm's unit vectors is no unit
    vector, and running statistics are averages already. The discriminator is left alone, and training goes on as if
    nobody watched.

    The checkpoint holds the raw weights as always, and the average in the callback's state. Training callbacks such as
    ``SampleGrid`` show the raw generator, unless they draw within ``with ema.applied():``. After the fit::

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
        self._images = self._images_at_update = self._batch_size = 0

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
            self._average = {name: _wide(p) for name, p in _floating(network).items()}
        self._bind(network)
        self.hold(optimizers[-1].register_step_post_hook(self._update))

    def on_train_batch_start(self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int) -> None:
        self._batch_size = trainer.world_size * batch_size_of(batch)
        self._images += self._batch_size

    @torch.no_grad()
    def _update(self, *called_with: Any) -> None:
        images = max(self._images - self._images_at_update, self._batch_size)
        self._images_at_update = self._images
        half_life = 1000 * self.half_life_kimg
        if self.ramp_up is not None:
            half_life = min(half_life, self.ramp_up * self._images)
        share = 1 - 0.5 ** (images / half_life)
        current = [p.to(mean.dtype) for p, mean in zip(self._params, self._means, strict=True)]
        torch._foreach_lerp_(self._means, current, share)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Put the average into the generator, and afterwards the raw weights back, bit for bit.

        Raises:
            RuntimeError: if there is no average yet.
        """
        if self._network is None:
            raise RuntimeError("GeneratorEMA has no average yet: fit, validate or test with it first")
        if self._raw:
            yield
            return
        self._raw = {name: p.detach().clone() for name, p in _floating(self._network).items()}
        try:
            _fill(self._network, self._average)
            yield
        finally:
            _fill(self._network, self._raw)
            self._raw = {}

    def average_model(self) -> nn.Module:
        """Return a copy of the generator with the averaged weights, in evaluation mode and frozen."""
        with self.applied():
            return deepcopy(self._network, _derived(self._network)).eval().requires_grad_(False)  # type: ignore

    def _find(self, pl_module: LightningModule) -> nn.Module:
        network = find_network(pl_module, self.generator, "generator")
        self._path = path_of(pl_module, network)
        return network

    def _bind(self, network: nn.Module) -> None:
        params = _floating(network)
        if {name: p.shape for name, p in params.items()} != {name: m.shape for name, m in self._average.items()}:
            raise ValueError(
                f"GeneratorEMA holds the average of another network than {self._path}: its parameters have other "
                "names or shapes; use a new GeneratorEMA for it, or name the generator, generator='path.to.it'"
            )
        self._network = network
        self._average = {name: self._average[name].to(p.device) for name, p in params.items()}
        self._params, self._means = list(params.values()), list(self._average.values())

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


def _floating(network: nn.Module) -> dict[str, nn.Parameter]:
    return {name: p for name, p in network.named_parameters() if p.is_floating_point()}


def _derived(network: nn.Module) -> dict[int, Any]:
    """Return copies, by identity, of what the older weight norm and spectral norm compute, for ``deepcopy`` refuses."""
    kept = [value for part in network.modules() for value in vars(part).values() if isinstance(value, Tensor)]
    return {id(tensor): tensor.detach().clone() for tensor in kept if not tensor.is_leaf}


def _wide(p: Tensor) -> Tensor:
    """Return a copy in float32 at least: small steps vanish in half precision."""
    return p.detach().to(torch.promote_types(p.dtype, torch.float32), copy=True)


@torch.no_grad()
def _fill(network: nn.Module, values: dict[str, Tensor]) -> None:
    for name, p in _floating(network).items():
        p.copy_(values[name])
