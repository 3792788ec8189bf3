"""Every term of every technique under autocast, against float32 on the same samples and random numbers."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from helpers import weights
from scaled import in_precision
from techniques import MIXINS, fitted, toy
from torch import Tensor

from gan_lightning import GAN
from gan_lightning.functional import swapped
from gan_lightning.step import Step, Terms

ROUNDED: dict[str, str] = {
    "adv": "the networks run in 16 bits",
    "classes": "D's head runs in 16 bits",
    "info": "D's head runs in 16 bits",
    "lecam": "a distance of D's logits, which are in 16 bits",
    "matching": "a distance of D's features, which are in 16 bits",
    "mode_seeking": "a distance of G's samples, which are in 16 bits",
    "cr": "a difference of two judgements, each in 16 bits",
}
"""Terms that are as good as the networks' 16 bits, and why. All others are computed in float32."""

Comparison = tuple[str, float, float]
"""A term's name, and the relative errors of its value and of its gradient."""


def compared(cls: type[GAN], precision: str) -> list[Comparison]:
    """Train for two iterations, and compute each term a second time without autocast."""
    found: list[Comparison] = []

    class Twice(cls):
        def d_terms(self, step):
            return self.both(super().d_terms, step, self._player_d.params)

        def g_terms(self, step):
            return self.both(super().g_terms, step, self._player_g.params)

        def both(self, terms_of: Callable[[Step], Terms], step: Step, params: Any) -> Terms:
            buffers, state = {own: own.clone() for own in self.buffers()}, torch.get_rng_state()
            terms = terms_of(step)
            after = torch.get_rng_state()
            torch.set_rng_state(state)
            with swapped(self, buffers), torch.autocast("cpu", enabled=False):
                exact = terms_of(in_float32(self, step))
            torch.set_rng_state(after)
            for name, term in terms.items():
                found.append((name, relative(term, exact[name]), slopes_differ(term, exact[name], params)))
            return terms

    Twice.__name__ = cls.__name__  # by which the toy knows what it needs
    gan = toy(Twice, **SETTINGS.get(cls.__name__, {}))
    fitted(gan, **in_precision(precision), limit_train_batches=2)
    assert weights(gan).isfinite().all()
    return found


SETTINGS: dict[str, dict[str, Any]] = {
    "PathLength": {"path_every": 1},
    "FiniteDifferencePenalty": {"fd_r2_gamma": 5.0},
    "OrthogonalRegularization": {"orthogonal_d": 1e-2},
}


def in_float32(gan: GAN, step: Step) -> Step:
    """Return the same step for a pass of its own: D's inputs with slopes where they had some."""
    real, fake = step.real.float(), step.fake.float()
    if step.real.requires_grad:
        real = step.real.detach().float().requires_grad_()
    if step.fake.is_leaf and step.fake.requires_grad:
        fake = step.fake.detach().float().requires_grad_()
    return Step(gan, real, fake, step.label, step.z, exact=True)


def relative(got: Tensor, expected: Tensor) -> float:
    got, expected = got.detach().double(), expected.detach().double()
    return float((got - expected).norm() / expected.norm().clamp(min=1e-12))


def slopes_differ(term: Tensor, exact: Tensor, params: Any) -> float:
    """Compare the gradients by the player's parameters; half-precision graphs by a loss that is scaled, as in use."""
    slopes = []
    for loss in (term, exact):
        if not loss.requires_grad:
            return 0.0
        with torch.autocast("cpu", enabled=False):
            gradients = torch.autograd.grad(1024 * loss.float(), params, retain_graph=True, allow_unused=True)
        slopes.append(torch.cat([_flat(g, p) for g, p in zip(gradients, params, strict=True)]))
    return relative(*slopes)


def _flat(gradient: Tensor | None, like: Tensor) -> Tensor:
    return (torch.zeros_like(like) if gradient is None else gradient).flatten()


@pytest.mark.parametrize("precision", ["bf16-mixed", "16-mixed"])
@pytest.mark.parametrize("cls", MIXINS)
def test_terms_match_float32(cls: type[GAN], precision: str) -> None:
    found = compared(cls, precision)
    assert {name for name, *_ in found} >= {"adv"}
    for name, value, slope in found:
        assert value <= (0.2 if name in ROUNDED else 1e-6), name
        assert slope <= (0.2 if name in ROUNDED else 1e-5), name


def test_every_penalty_is_among_them() -> None:
    """Whatever takes D's slope adds a term that is exact."""
    for cls in MIXINS:
        if "input_grad" in vars(cls):
            names = {name for name, *_ in compared(cls, "bf16-mixed")} - {"adv"}
            assert names, cls
            assert not names & set(ROUNDED), cls
