"""Mistakes found before the first update, told in words: what was got, what was expected, what to do."""

from typing import TYPE_CHECKING, Any

import torch
from lightning.pytorch.plugins.precision import HalfPrecision
from lightning.pytorch.strategies import DeepSpeedStrategy, FSDPStrategy
from lightning.pytorch.utilities import rank_zero_warn
from torch import Tensor
from torch.nn import SyncBatchNorm
from torch.nn.modules.batchnorm import _BatchNorm

from gan_lightning.batch import Batch
from gan_lightning.isolation import undisturbed
from gan_lightning.labels import check_labels
from gan_lightning.losses import AdversarialLoss
from gan_lightning.player import Frozen
from gan_lightning.reach import check_graphs
from gan_lightning.sharding import check_sizes, is_sharded

if TYPE_CHECKING:
    from gan_lightning.gan import GAN


def check_trainer(trainer: Any) -> None:
    """Refuse what cannot work with two optimizers, and tell what Lightning leaves out.

    Raises:
        ValueError: if the strategy is DeepSpeed or FSDP1, or splits layers, or the weights are to be float16.
    """
    if isinstance(trainer.strategy, DeepSpeedStrategy):
        raise ValueError("DeepSpeed supports a single optimizer, and a GAN has two: use strategy='ddp'")
    if isinstance(trainer.strategy, FSDPStrategy):
        raise ValueError(
            "FSDP1 does not support several forwards and backwards per step: use strategy='ddp', or to shard the "
            "weights ModelParallelStrategy(data_parallel_size=<number of ranks>, tensor_parallel_size=1)"
        )
    check_sizes(trainer.strategy)
    if isinstance(trainer.precision_plugin, HalfPrecision) and trainer.precision == "16-true":
        raise ValueError(
            "precision='16-true' keeps Adam's squared gradients in float16, where those of gradients below 2e-4 are 0 "
            "and a step becomes thousands of times too long: use '16-mixed', 'bf16-mixed' or 'bf16-true'"
        )


def check_first_batch(gan: "GAN", batch: Batch) -> None:
    """Try the first batch on both networks, which are left as they were.

    Raises:
        ValueError: if the data hold NaN or bad labels, the networks do not fit them, or a setting has no effect.
    """
    real, label = batch.real, batch.label
    _check_samples(real, gan)
    if label is not None:
        check_labels(label, len(real), gan.num_classes, gan.lowest_label)
    if gan.input_grad:
        check_slope(gan)
    with undisturbed(gan):
        fake = _try_generator(gan, real, label)
        _try_discriminator(gan, real, label)
    if torch.is_grad_enabled():
        check_graphs(gan, real, label, Frozen(gan.discriminator.parameters()))
    check_targets(gan.loss, gan.d_targets(len(real)))
    _warn_of_range(real, fake)


def check_trained(trainer: Any) -> None:
    """Refuse to end a fit in silence that had nothing to train on.

    Raises:
        ValueError: if there was no batch.
    """
    if trainer.num_training_batches == 0 and trainer.limit_train_batches:
        raise ValueError(
            "nothing was trained, because the loader has no batch: check the data set, and batch_size against drop_last"
        )


def check_started(gan: "GAN") -> None:
    """Refuse to train without the players that ``on_train_start`` makes.

    Raises:
        RuntimeError: if it was not run.
    """
    if not hasattr(gan, "_player_d"):
        raise RuntimeError(
            f"{type(gan).__name__} has no optimizers yet: its on_train_start must call super().on_train_start(), "
            "and it must be the module that is fitted, not a part of one"
        )


def check_slope(gan: "GAN") -> None:
    """Check what an input gradient of the discriminator needs; it may be wanted later than at the first batch.

    Raises:
        ValueError: if the parameters are sharded, or batch norm is synchronised over the ranks.
    """
    gan._slope_is_checked = True
    if is_sharded(gan.trainer):
        raise ValueError(
            "a technique differentiates the discriminator's input gradient, which sharded parameters do not allow: use "
            "FiniteDifferencePenalty in its place, or strategy='ddp'"
        )
    if any(isinstance(layer, SyncBatchNorm) for layer in gan.discriminator.modules()):
        raise ValueError(
            "a technique differentiates the discriminator's input gradient, which SyncBatchNorm does not allow: "
            "build it with norm='none', 'layer' or 'spectral' (norm_d in the recipes); the generator may keep its own"
        )
    if any(isinstance(layer, _BatchNorm) for layer in gan.discriminator.modules()):
        rank_zero_warn(
            "a technique penalises the discriminator's gradient at each sample, which batch norm makes depend on the "
            "other samples: build the discriminator with norm='none', 'layer' or 'spectral' (norm_d in the recipes)"
        )


def _check_samples(real: Tensor, gan: "GAN") -> None:
    if real.ndim == 0 or len(real) == 0:
        raise ValueError("the first batch is empty: check the loader and its batch_size")
    if not real.is_floating_point():
        raise ValueError(f"the real samples are {real.dtype}, expected floating point: convert them, images to [-1, 1]")
    wanted = next((p.dtype for p in gan.discriminator.parameters() if p.is_floating_point()), real.dtype)
    if real.dtype != wanted:
        raise ValueError(
            f"the real samples are {real.dtype}, the discriminator is {wanted}: convert the samples, as in x.float()"
        )
    bad = ~real.reshape(len(real), -1).isfinite().all(1)
    if bad.any():
        raise ValueError(
            f"{int(bad.sum())} of the {len(real)} real samples in the first batch hold NaN or infinity, "
            f"first at position {int(bad.nonzero()[0])}: clean the data"
        )


def _try_generator(gan: "GAN", real: Tensor, label: Tensor | None) -> Tensor:
    n = len(real)
    try:
        fake: Tensor = gan.generate(gan.draw_latents(n), label)
    except Exception as error:
        raise ValueError(
            f"the generator {type(gan.generator).__name__} fails on latents ({n}, {gan.latent_dim})"
            f"{_with_labels(label)}: {_first_line(error)}\nCheck latent_dim and num_classes against the network, and "
            "batch_size against what its layers need (batch norm needs two samples)."
        ) from error
    if fake.shape != real.shape:
        raise ValueError(
            f"the generator makes samples of shape {tuple(fake.shape[1:])}, the data have {tuple(real.shape[1:])} "
            f"(a batch of {n}): build the generator for the data's shape"
        )
    _check_finite("generator", fake)
    return fake


def _try_discriminator(gan: "GAN", real: Tensor, label: Tensor | None) -> None:
    try:
        logits = gan.critique(real, label).logits
    except Exception as error:
        raise ValueError(
            f"the discriminator {type(gan.discriminator).__name__} fails on samples {tuple(real.shape)}"
            f"{_with_labels(label)}: {_first_line(error)}\nUnless this says what to do: build it for the data's shape "
            "and num_classes, and check batch_size against what its layers need (batch norm needs two samples)."
        ) from error
    _check_finite("discriminator", logits)


def _check_finite(player: str, output: Tensor) -> None:
    if not output.isfinite().all():
        raise ValueError(f"the {player} returns NaN or infinity before its first update: check its weights and layers")


def check_targets(loss: AdversarialLoss, targets: tuple[float | Tensor, float | Tensor]) -> None:
    """Check that targets which a technique has changed reach the loss.

    Raises:
        ValueError: if the loss has no targets.
    """
    real, fake = targets
    if loss.uses_targets or not (isinstance(real, Tensor) or isinstance(fake, Tensor) or (real, fake) != (1.0, 0.0)):
        return
    raise ValueError(
        f"a technique changes the discriminator's targets, but {type(loss).__name__} has none: drop it, or use "
        "NonSaturating or LeastSquares"
    )


def _warn_of_range(real: Tensor, fake: Tensor) -> None:
    if real.ndim == 4 and fake.abs().max() <= 1 < real.abs().max() / 1.5:
        rank_zero_warn(
            f"the real images range from {real.min():.3g} to {real.max():.3g}, the generator's within [-1, 1]: "
            "scale the data to [-1, 1], or the discriminator tells them apart by their range"
        )


def _with_labels(label: Tensor | None) -> str:
    return "" if label is None else f" with labels {tuple(label.shape)}"


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else '(no message)'}"
