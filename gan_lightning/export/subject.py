"""What is exported: a generator for itself, with inputs to try it on and the outputs that must come back."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from inspect import signature
from typing import Any

import torch
from lightning.pytorch import LightningModule
from torch import Tensor, nn

from gan_lightning.callbacks.averaged_weights import derived
from gan_lightning.gan import GAN
from gan_lightning.isolation import seeded
from gan_lightning.labels import labels_to_sample
from gan_lightning.probe import find_network, path_of

Inputs = tuple[Tensor, ...]
SIZES = (3, 8)
"""Batches that are tried; the exported form must not have the size of the first built in."""


@dataclass(frozen=True)
class Subject:
    """A generator on the CPU, in float32 and evaluation mode, apart from the module that it was copied from.

    Args:
        network: the copy.
        path: of the network in its module.
        names: of its inputs.
        inputs: batches of both sizes.
        outputs: what the module's own generator makes of them.
    """

    network: nn.Module
    path: str
    names: tuple[str, ...]
    inputs: tuple[Inputs, Inputs]
    outputs: tuple[Tensor, Tensor]

    def is_random(self) -> bool:
        """Tell whether two calls with the same inputs differ."""
        first, second = (self.network(*self.inputs[0]) for _ in range(2))
        return not torch.equal(first, second)


def find_generator(module: LightningModule, path: str | None) -> nn.Module:
    """Return the generator of any module; see ``find_network``."""
    return module.generator if isinstance(module, GAN) and path is None else find_network(module, path, "generator")


@torch.no_grad()
def subject_of(module: LightningModule, network: nn.Module, example: Tensor | Sequence[Tensor] | None) -> Subject:
    """Copy a generator as it is now, and try it.

    Args:
        module: that owns it.
        network: the generator.
        example: a batch of its inputs; a GAN of this package draws its own, and other modules may have one recorded in
            ``example_input_array``.

    Raises:
        ValueError: if the network is sharded, there is no batch of inputs, it cannot be called with it, or what it
            makes is no finite tensor, or not what the module generates.
    """
    if any(hasattr(p, "to_local") for p in network.parameters()):
        raise ValueError(
            "the generator's parameters are split over devices: save a checkpoint, join it by "
            "gan_lightning.join_checkpoint(folder, file), and export that"
        )
    path = path_of(module, network)
    copy = deepcopy(network, derived(network)).cpu().float().eval().requires_grad_(False)
    inputs = _drawn(module) if isinstance(module, GAN) and example is None else _given(module, path, example)
    outputs = tuple(_called(copy, path, each) for each in inputs)
    if isinstance(module, GAN) and network is module.generator and example is None:
        _check_generate(module, copy, inputs, outputs)
    return Subject(copy, path, _names(copy, len(inputs[0])), inputs, (outputs[0], outputs[1]))


def run(call: Any, inputs: Inputs) -> Any:
    """Call a network or its exported form, which may draw random numbers: the same ones each time."""
    with torch.no_grad(), seeded(0, torch.device("cpu")):
        return call(*inputs)


def _drawn(gan: GAN) -> tuple[Inputs, Inputs]:
    num_classes = gan.num_classes if "generator" in gan.tells_classes else 0

    def batch(n: int) -> Inputs:
        with seeded(n, gan.device):
            z = gan.sample_latent(n).cpu().float()
        label = labels_to_sample(n, None, num_classes, z.device)
        return (z,) if label is None else (z, label)

    return batch(SIZES[0]), batch(SIZES[1])


def _given(module: LightningModule, path: str, example: Any) -> tuple[Inputs, Inputs]:
    example = getattr(module, "example_input_array", None) if example is None else example
    given = (example,) if isinstance(example, Tensor) else tuple(example or ())
    if not given or not all(isinstance(x, Tensor) and x.ndim for x in given) or len({len(x) for x in given}) != 1:
        raise ValueError(
            f"the inputs of {path} in {type(module).__name__} are not known: give a batch of them, as in "
            "example=torch.randn(4, 128), or (latents, labels); tensors with one row per sample"
        )
    rows = [x.detach().cpu().float() if x.is_floating_point() else x.detach().cpu() for x in given]

    def batch(n: int) -> Inputs:
        return tuple(x[torch.arange(n) % len(x)] for x in rows)

    return batch(SIZES[0]), batch(SIZES[1])


def _called(network: nn.Module, path: str, inputs: Inputs) -> Tensor:
    shapes = " and ".join(str(tuple(x.shape)) for x in inputs)
    try:
        output = run(network, inputs)
    except Exception as error:
        raise ValueError(f"{path} cannot be called with inputs {shapes}: {type(error).__name__}: {error}") from error
    if not isinstance(output, Tensor):
        raise ValueError(
            f"{path} returns a {type(output).__name__}, and only networks that return samples, one tensor, are "
            "exported: name the part that does, as in generator='generator.synthesis', or wrap it"
        )
    if not output.isfinite().all():
        raise ValueError(f"{path} makes samples that are not finite: export a checkpoint from before that")
    return output


def _check_generate(gan: GAN, copy: nn.Module, inputs: tuple[Inputs, Inputs], outputs: tuple[Tensor, ...]) -> None:
    """Refuse a GAN whose ``generate`` does more than to call the network: what is exported would make other samples."""
    with _standing_in(gan, copy):
        made = [run(lambda z, label=None: gan.generate(z, label), each) for each in inputs]
    if not all(torch.equal(own, other) for own, other in zip(made, outputs, strict=True)):
        raise ValueError(
            f"{type(gan).__name__}.generate does more than to call its generator, which is what is exported: put that "
            "into the network"
        )


@contextmanager
def _standing_in(gan: GAN, network: nn.Module) -> Iterator[None]:
    own, compiled = gan.generator, gan._compiled
    gan.generator, gan._compiled = network, {}
    try:
        yield
    finally:
        gan.generator, gan._compiled = own, compiled


def _names(network: nn.Module, count: int) -> tuple[str, ...]:
    """Name the inputs as ``forward`` does."""
    kinds = signature(network.forward).parameters.values()
    names = [each.name for each in kinds if each.kind is each.POSITIONAL_OR_KEYWORD][:count]
    return tuple(names) if len(names) == count else ("z", "label", *(f"input_{i}" for i in range(2, count)))[:count]
