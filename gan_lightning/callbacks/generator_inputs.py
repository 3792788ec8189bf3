"""A generator as a function of its latents, in modules of any make."""

from abc import ABC, abstractmethod
from typing import Any

from lightning.pytorch import LightningModule
from torch import Tensor, nn

from gan_lightning.isolation import seeded
from gan_lightning.probe import find_network, first_samples, replaced


class GeneratorInputs(ABC):
    """What a generator is asked, so that it can be asked again with other latents."""

    is_known = True
    """Whether there are latents already."""

    @abstractmethod
    def leave(self) -> None:
        """Look on no longer; what is known stays."""

    @abstractmethod
    def latents(self, n: int, seed: int) -> Tensor:
        """Return at most n latents (n, ...), the same ones each time."""

    @abstractmethod
    def generate(self, z: Tensor, rows: Tensor) -> Tensor:
        """Map latents (M, ...) to samples; ``rows`` (M,) tells whose class, of those of ``latents``, each one has."""


def inputs_of(module: LightningModule, generator: str | None) -> GeneratorInputs:
    """Return the inputs of a module that is about to be fitted.

    Args:
        module: any GAN.
        generator: dotted path of the generator; found by its name if None.

    Raises:
        ValueError: if the generator is not found.
    """
    if hasattr(module, "witnesses"):
        return _Sampled(module)
    return Recorded(find_network(module, generator, "generator"))


class _Sampled(GeneratorInputs):
    """The prior of a ``GAN`` of this package."""

    def __init__(self, gan: Any) -> None:
        self.gan = gan
        self.num_classes = gan.num_classes if "generator" in gan.tells_classes else 0

    def leave(self) -> None:
        """There is nothing to let go of."""

    def latents(self, n: int, seed: int) -> Tensor:
        with seeded(seed, self.gan.device):
            z: Tensor = self.gan.sample_latent(n)
        return z

    def generate(self, z: Tensor, rows: Tensor) -> Tensor:
        label = rows.to(z.device) % self.num_classes if self.num_classes else None
        with self.gan.exactly():
            fake: Tensor = self.gan.generate(z.to(self.gan.dtype), label)
        return fake


class Recorded(GeneratorInputs):
    """What a network was called with in training, the first time: its first tensor of floats, and all the rest.

    Args:
        network: called with latents, or with samples, at the first place that holds floats.
    """

    def __init__(self, network: nn.Module) -> None:
        self.network = network
        self._call: tuple[Any, Any] | None = None
        self._handle = network.register_forward_pre_hook(self._look, with_kwargs=True)

    @property
    def is_known(self) -> bool:  # type: ignore[override]
        return self._call is not None

    def leave(self) -> None:
        self._handle.remove()

    def _look(self, network: nn.Module, args: Any, kwargs: Any) -> None:
        x = first_samples((args, kwargs))
        if self._call is None and network.training and x is not None and x.ndim > 1:
            self._call = replaced((args, kwargs), lambda tensor: tensor.detach().clone())
            self._handle.remove()

    def latents(self, n: int, seed: int) -> Tensor:
        return self._samples()[:n]

    def generate(self, z: Tensor, rows: Tensor) -> Tensor:
        samples = first_samples(self.ask(z, rows))
        if samples is None:
            raise ValueError(f"{type(self.network).__name__} returned no samples: name the network that makes them")
        return samples

    def ask(self, x: Tensor, rows: Tensor) -> Any:
        """Call the network with other rows; what else it was called with is taken from the given ``rows`` of then."""
        first = self._samples()
        rows = rows.to(first.device) % len(first)

        def change(tensor: Tensor) -> Tensor:
            if tensor is first:
                return x.to(first)
            return tensor[rows.to(tensor.device)] if tensor.ndim and len(tensor) == len(first) else tensor

        args, kwargs = replaced(self._call, change)
        return self.network(*args, **kwargs)

    def _samples(self) -> Tensor:
        x = None if self._call is None else first_samples(self._call)
        if x is None:
            raise ValueError(
                f"{type(self.network).__name__} was not called in training so far: if another network does its work, "
                "name it, such as generator='path.to.it'"
            )
        return x
