"""What one process trains on joined batches, and two ranks, which hold half of the weights each, on their shares."""

import os
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import torch
from helpers import Batches, trainer
from lightning.pytorch import Callback, Trainer
from lightning.pytorch.strategies import ModelParallelStrategy
from techniques import MIXINS, batches, toy
from torch import Tensor
from torch.distributed.tensor import DTensor

from gan_lightning import GAN, ExtraAdam, FiniteDifferencePenalty, HealthMonitor, NegativeMomentumSGD, callbacks, losses
from gan_lightning.distributed import whole
from gan_lightning.health.remedies import Ladder, Remedy, Rollback, ZeroCenteredPenalties
from gan_lightning.networks import R3GANDiscriminator, R3GANGenerator

JOINED = 16


def r3gan(*parts: type[GAN], **settings: Any) -> GAN:
    """Build R3GAN's networks for images of 8 x 8 pixels, with the techniques given in the place of its penalties."""
    torch.manual_seed(1)
    networks = R3GANGenerator(8, (1, 8, 8), width=8, num_blocks=1), R3GANDiscriminator((1, 8, 8), width=8, num_blocks=1)
    return type("Like", (*parts, GAN), {})(*networks, losses.RelativisticPaired(), latent_dim=8, **settings)


def monitor_with(remedy: Callable[[], Remedy]) -> HealthMonitor:
    return HealthMonitor(every=8, samples=64, remedies=Ladder({"divergence": [remedy()]}))


SPINE: dict[str, dict[str, Any]] = {
    "plain": {},
    "n_critic": {"d_steps": 2},
    "two generator steps": {"g_steps": 2},
    "clipped": {"clip_d": 1e-2, "clip_g": 1e-2},
    "accumulated": {"micro_batches_d": 2, "micro_batches_g": 2},
    "labelled": {"num_classes": 3},
    "compiled": {"compile": {"backend": "aot_eager"}},
    "deep": {"depth_d": 3, "depth_g": 3},
    "spectral norm": {"norm_d": "spectral", "norm_g": "spectral"},
    "layer norm": {"norm_d": "layer"},
    "relativistic average": {"loss": losses.RelativisticAverage()},
    "minibatch discrimination": {"minibatch_d": "discrimination"},
    "minibatch stddev": {"minibatch_d": "stddev"},
    "gradient descent": {"optimizer_d": partial(torch.optim.SGD, lr=0.1), "optimizer_g": torch.optim.RMSprop},
    "negative momentum": {"optimizer_d": NegativeMomentumSGD, "optimizer_g": NegativeMomentumSGD},
    "extragradient": {"optimizer_d": ExtraAdam, "optimizer_g": ExtraAdam},
}
TECHNIQUES: dict[str, type[GAN]] = {cls.__name__: cls for cls in MIXINS}
GANS: dict[str, Callable[[], GAN]] = {
    **{name: partial(toy, **settings) for name, settings in SPINE.items()},
    **{name: partial(toy, cls) for name, cls in TECHNIQUES.items()},
    "R1, off": partial(toy, TECHNIQUES["R1"], r1_gamma=0.0),
    "PathLength, off": partial(toy, TECHNIQUES["PathLength"], path_weight=0.0),
    "UnrolledGAN, off": partial(toy, TECHNIQUES["UnrolledGAN"], unroll_steps=0),
    "R3GAN": partial(r3gan, FiniteDifferencePenalty, fd_r1_gamma=1.0, fd_r2_gamma=1.0),
    "R3GAN, clipped": partial(r3gan, FiniteDifferencePenalty, fd_r2_gamma=1.0, clip_d=0.1),
}
CALLBACKS: dict[str, Callable[[], Callback]] = {
    "AddDiffAugment": callbacks.AddDiffAugment,
    "AddHistoricalAveraging": callbacks.AddHistoricalAveraging,
    "AddInstanceNoise": callbacks.AddInstanceNoise,
    "AddR1": callbacks.AddR1,
    "AddSpectralNorm": callbacks.AddSpectralNorm,
    "ClipGradients": partial(callbacks.ClipGradients, max_norm_d=1e-2, max_norm_g=1e-2),
    "ClipWeights": callbacks.ClipWeights,
    "GeneratorEMA": callbacks.GeneratorEMA,
    "RankAgreement": partial(callbacks.RankAgreement, every=2),
    "SampleGrid": partial(callbacks.SampleGrid, every=2),
    "HealthMonitor": partial(HealthMonitor, every=8, samples=64),
    "HealthMonitor with the ladder": partial(HealthMonitor, every=8, samples=64, remedies="ladder"),
    "HealthMonitor that adds R1 + R2": partial(monitor_with, ZeroCenteredPenalties),
    "HealthMonitor that goes back": partial(monitor_with, Rollback),
}


def data_of(gan: GAN, ranks: int, count: int = 6) -> Batches:
    """Return this process's shares of the joined batches."""
    if gan.latent_dim == 8:
        generator = torch.Generator().manual_seed(0)
        joined = Batches(*torch.randn(count, JOINED, 1, 8, 8, generator=generator, dtype=gan.dtype))
    else:
        joined = batches(gan, JOINED, count)
    n = JOINED // ranks
    own = slice(n * int(os.environ.get("LOCAL_RANK", 0)), None) if ranks > 1 else slice(None)
    return Batches(*(cut(batch, own, n) for batch in joined))


def cut(batch: Any, own: slice, n: int) -> Any:
    return [x[own][:n] for x in batch] if isinstance(batch, list) else batch[own][:n]


def trainer_of(ranks: int, **arguments: Any) -> Trainer:
    """Return a trainer for one process, or for one of the ranks."""
    strategy: Any = "auto"
    if ranks > 1:
        sizes = {"data_parallel_size": ranks, "tensor_parallel_size": 1}
        saving = arguments.pop("save_distributed_checkpoint", False)
        strategy = ModelParallelStrategy(
            **sizes, save_distributed_checkpoint=saving, process_group_backend="gloo", timeout=timedelta(seconds=60)
        )
    return trainer(devices=ranks, strategy=strategy, **arguments)


def train(case: str, ranks: int, precision: str = "64-true") -> Tensor:
    """Train a case and return the weights; FSDP2 has no plugin for float64, so the module itself is converted."""
    watching = [CALLBACKS[case]()] if case in CALLBACKS else []
    gan = toy() if watching else GANS[case]()
    gan = gan.double() if precision == "64-true" else gan
    torch.manual_seed(2 + int(os.environ.get("LOCAL_RANK", 0)))
    count = 150 if case.startswith("HealthMonitor") else 6
    plugin: Any = None if precision == "64-true" else precision
    trainer_of(ranks, callbacks=watching, precision=plugin).fit(gan, data_of(gan, ranks, count))
    return joined_weights(gan)


def joined_weights(gan: GAN) -> Tensor:
    """Return all weights, gathered from the ranks; either all are sharded or none."""
    params = [p.detach() for p in gan.parameters()]
    assert len({isinstance(p, DTensor) for p in params}) == 1
    return torch.cat([whole(p).flatten() for p in params])


def share_of_each_rank() -> Tensor:
    """Return which share this rank holds of R3GAN's weights and of Adam's two moments, (3,), after some training."""
    gan = GANS["R3GAN"]().double()
    run = trainer_of(2, limit_val_batches=2)
    run.fit(gan, data_of(gan, 2), data_of(gan, 2))
    states = [state for optimizer in run.optimizers for state in optimizer.state.values()]
    kinds = [list(gan.parameters()), *([state[name] for state in states] for name in ("exp_avg", "exp_avg_sq"))]
    held = [(sum(x.to_local().numel() for x in tensors), sum(x.numel() for x in tensors)) for tensors in kinds]
    return torch.tensor([own / all_of_it for own, all_of_it in held])
