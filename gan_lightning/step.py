"""What one update of one player sees (``Step``) and minimises (``Terms``)."""

import sys
from contextlib import AbstractContextManager, nullcontext
from types import CodeType
from typing import TYPE_CHECKING, Self

import torch
from torch import Tensor

from gan_lightning.critique import Critique, halves

if TYPE_CHECKING:
    from gan_lightning.gan import GAN


class Terms(dict[str, Tensor]):
    """Named loss terms. Taking a name twice, or replacing a term twice, is an error that names both who did.

    The names are the log keys: ``adv`` of the discriminator is logged as ``d/adv``.

    Example:
        >>> terms = Terms(adv=torch.tensor(1.0)).add("r1", torch.tensor(0.5))
        >>> float(terms.total())
        1.5
    """

    def __init__(self, **terms: Tensor) -> None:
        super().__init__()
        self._added_by: dict[str, CodeType] = {}
        self._replaced_by: dict[str, CodeType] = {}
        for name, value in terms.items():
            self[name] = _scalar(name, value)

    def add(self, name: str, value: Tensor) -> Self:
        """Add a scalar term under a name of its own.

        Raises:
            ValueError: if the name is taken, or the value is no scalar.
        """
        caller = sys._getframe(1).f_code
        if name in self:
            raise ValueError(
                f"the loss term {name!r} of {_who(self._added_by.get(name))} is taken, and {_who(caller)} uses the "
                "same name: rename one of them"
            )
        self._added_by[name] = caller
        self[name] = _scalar(name, value)
        return self

    def replace(self, name: str, value: Tensor) -> Self:
        """Put a scalar in the place of the term ``name``, once.

        Raises:
            ValueError: if the term is absent or was replaced already, or the value is no scalar.
        """
        if name not in self:
            raise ValueError(f"there is no loss term {name!r} to replace; there are {sorted(self)}")
        caller = sys._getframe(1).f_code
        if name in self._replaced_by:
            raise ValueError(
                f"the loss term {name!r} was replaced already by {_who(self._replaced_by[name])}, and {_who(caller)} "
                "claims it too: drop one of them"
            )
        self._replaced_by[name] = caller
        self[name] = _scalar(name, value)
        return self

    def total(self) -> Tensor:
        """Sum all terms in float32 at least, in the order of their names: the order of techniques is nothing."""
        values = (self[name] for name in sorted(self))
        first, *rest = (v.float() if v.dtype in (torch.float16, torch.bfloat16) else v for v in values)
        for value in rest:
            first = first + value
        return first


def _who(code: CodeType | None) -> str:
    """Name the class whose method a code object is: ``R1`` for that of ``R1.d_terms``."""
    return "the loss" if code is None else code.co_qualname.rpartition(".")[0].rpartition(".")[2] or code.co_qualname


def _scalar(name: str, value: Tensor) -> Tensor:
    if value.ndim:
        raise ValueError(
            f"the loss term {name!r} has shape {tuple(value.shape)}, expected a scalar: take its mean over the batch"
        )
    return value


class Step:
    """One update's inputs. The discriminator's opinions are asked for on first use and then shared by all techniques.

    Args:
        gan: whose ``critique`` is asked.
        real: real samples, (N, ...).
        fake: generated samples, (N, ...); without a graph in the discriminator's update.
        label: classes (N,), or None.
        z: the latents of ``fake``, (N, Z).
        joint: judge real and fake in one pass of the discriminator.
        exact: run the discriminator in float32 and uncompiled, because its input gradient will be differentiated.
    """

    __slots__ = ("_exact", "_gan", "_joint", "_on_fake", "_on_real", "fake", "label", "real", "z")

    def __init__(
        self,
        gan: "GAN",
        real: Tensor,
        fake: Tensor,
        label: Tensor | None,
        z: Tensor,
        *,
        joint: bool = False,
        exact: bool = False,
    ) -> None:
        self.real, self.fake, self.label, self.z = real, fake, label, z
        self._gan, self._joint, self._exact = gan, joint, exact
        self._on_real: Critique | None = None
        self._on_fake: Critique | None = None

    @property
    def on_real(self) -> Critique:
        """The discriminator's opinion of the real samples."""
        if self._on_real is None:
            if self._joint:
                self._on_real, self._on_fake = self._judge_both()
            else:
                self._on_real = self._judge(self.real, self.label)
        return self._on_real

    @property
    def on_fake(self) -> Critique:
        """The discriminator's opinion of the generated samples."""
        if self._on_fake is None:
            if self._joint:
                self._on_real, self._on_fake = self._judge_both()
            else:
                self._on_fake = self._judge(self.fake, self.label)
        return self._on_fake

    def _judge_both(self) -> tuple[Critique, Critique]:
        label = None if self.label is None else torch.cat([self.label, self.label])
        with self._exactly():
            both = torch.cat([self._gan.augment(x) for x in (self.real, self.fake)])
            return halves(self._gan.discriminate(both, label))

    def _judge(self, x: Tensor, label: Tensor | None) -> Critique:
        with self._exactly():
            return self._gan.critique(x, label)

    def _exactly(self) -> AbstractContextManager[None]:
        return self._gan.exactly() if self._exact else nullcontext()
