"""Every recipe trains on small images, and on vectors where it makes networks for them, with every mixin."""

import itertools
from contextlib import nullcontext
from typing import Any

import pytest
import torch
from helpers import Batches, fit, weights
from techniques import ACTIVE, EXCLUSIVE, MIXINS, NEEDS

from gan_lightning import GAN, gans

RECIPES = [getattr(gans, name) for name in gans.__all__]
IMAGES_ONLY = {"DCGAN", "InfoDCGAN", "PacDCGAN", "SNGAN"}
CHANGES_TARGETS = {"LabelFlipping", "OneSidedLabelSmoothing"}
WARNED: dict[str, set[str]] = {"ADA": {"LSGAN", "R3GAN", "WGAN", "WGANGP"}}
"""Per mixin, the recipes with whose loss it warns that it makes no sense."""
LABELLED = {"AuxiliaryClassifier", "ProjectionGAN", "SemiSupervised"}


def small(cls: type[GAN], shape: tuple[int, ...], **arguments: Any) -> GAN:
    torch.manual_seed(0)
    arguments = {"width_d": 4, "width_g": 4, "latent_dim": 16, **arguments}
    if LABELLED & {base.__name__ for base in cls.__mro__}:
        arguments["num_classes"] = 3
    return cls(shape=shape, **arguments)


def refusal(recipe: type[GAN], mixin: type[GAN]) -> str | None:
    """Return the words with which the mixin and a part of the recipe refuse each other, or None."""
    if mixin.__name__ in CHANGES_TARGETS and not recipe.default_loss.uses_targets:
        return "has none: drop it"
    parts = {base.__name__ for base in recipe.__mro__}
    pairs = (pair for pair in EXCLUSIVE if mixin.__name__ in pair and pair - {mixin.__name__} <= parts)
    return next((EXCLUSIVE[pair] for pair in pairs), None)


def data(gan: GAN, shape: tuple[int, ...], count: int) -> Batches:
    samples = torch.randn(count, 8, *shape).clamp(-1, 1)
    labels = torch.arange(8) % max(gan.num_classes, 1)
    return Batches(*([x, labels] for x in samples)) if gan.num_classes else Batches(*samples)


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("shape", [(1, 16, 16), (3, 16, 16), (2,)], ids=str)
def test_recipes_train_twenty_steps(recipe: type[GAN], shape: tuple[int, ...]) -> None:
    if len(shape) == 1 and recipe.__name__ in IMAGES_ONLY:
        with pytest.raises(ValueError, match="shape"):
            small(recipe, shape)
        return
    gan = small(recipe, shape)
    before = weights(gan)
    run = fit(gan, data(gan, shape, 20 * gan.d_steps))
    assert run.global_step == 20
    assert weights(gan).isfinite().all()
    assert not torch.equal(before, weights(gan))
    assert gan.sample(5, seed=0).shape == (5, *shape)


@pytest.mark.parametrize(
    ("recipe", "mixin"),
    [pytest.param(r, m, id=f"{r.__name__}-{m.__name__}") for r, m in itertools.product(RECIPES, MIXINS)],
)
def test_recipes_take_every_mixin(recipe: type[GAN], mixin: type[GAN]) -> None:
    if issubclass(recipe, mixin):
        return
    shape = (1, 16, 16)
    mixed = type("Mixed", (mixin, recipe), {})
    arguments = {"norm_d": "none", **NEEDS.get(mixin.__name__, {}), **ACTIVE.get(mixin.__name__, {})}
    words = refusal(recipe, mixin)
    if words:
        with pytest.raises(ValueError, match=words):
            fit(gan := small(mixed, shape, **arguments), data(gan, shape, gan.d_steps))
        return
    gan = small(mixed, shape, **arguments)
    before = weights(gan)
    warned = recipe.__name__ in WARNED.get(mixin.__name__, ())
    with pytest.warns(UserWarning, match=f"with {recipe.default_loss.__name__}") if warned else nullcontext():
        fit(gan, data(gan, shape, gan.d_steps))
    assert weights(gan).isfinite().all()
    assert not torch.equal(before, weights(gan))
