"""What each technique must keep, parametrised over all that are exported."""

import inspect
import itertools
from typing import Any

import pytest
import torch
from helpers import fit, make, weights
from lightning.pytorch import LightningModule

from gan_lightning import GAN, gans, mixins

NEUTRAL: dict[str, dict[str, Any]] = {
    "R1": {"r1_gamma": 0.0},
}
ORDERED: dict[frozenset[str], str] = {}
"""Pairs whose order matters, and why."""

MIXINS = [getattr(mixins, name) for name in mixins.__all__]
RECIPES = [getattr(gans, name) for name in gans.__all__]
PAIRS = list(itertools.combinations(MIXINS, 2))


def own_arguments(cls: type) -> list[inspect.Parameter]:
    parameters = inspect.signature(vars(cls)["__init__"]).parameters.values()
    return [p for p in parameters if p.kind is p.KEYWORD_ONLY]


def trained(cls: type[GAN], **arguments: Any) -> torch.Tensor:
    gan = make(cls, **arguments)
    fit(gan)
    return weights(gan)


def test_every_mixin_has_a_neutral_setting() -> None:
    assert set(NEUTRAL) == set(mixins.__all__)


@pytest.mark.parametrize("cls", MIXINS)
def test_only_hooks_are_overridden_and_super_comes_first(cls: type[GAN]) -> None:
    allowed = GAN.hooks | {name for name in dir(LightningModule) if name.startswith("on_")}
    for name, member in vars(cls).items():
        function = member.fget if isinstance(member, property) else member
        if not inspect.isfunction(function) or name == "__init__":
            continue
        if name in allowed:
            body = inspect.getsource(function).split(":\n", 1)[1].strip().splitlines()
            assert f"super().{name}" in body[0], f"{name} calls super() first"
        else:
            assert name.startswith("_"), f"{name} is no hook"
            assert not hasattr(GAN, name), f"{name} overrides the spine"


@pytest.mark.parametrize("cls", MIXINS)
def test_arguments_are_typed_with_defaults(cls: type[GAN]) -> None:
    assert own_arguments(cls)
    assert all(p.annotation is not p.empty and p.default is not p.empty for p in own_arguments(cls))


def test_argument_names_are_unique() -> None:
    names = [p.name for cls in MIXINS for p in own_arguments(cls)]
    spine = list(inspect.signature(GAN.__init__).parameters)
    assert len(names) == len(set(names))
    assert not set(names) & set(spine)


@pytest.mark.parametrize("cls", MIXINS)
def test_documentation_tells_hooks_neutral_setting_and_cost(cls: type[GAN]) -> None:
    for heading in ("Hooks:", "Neutral:", "Cost:", "Args:", "Example:"):
        assert heading in (cls.__doc__ or ""), heading
    assert "Paper:" in (inspect.getmodule(cls).__doc__ or "")


@pytest.mark.parametrize("name", NEUTRAL)
def test_neutral_setting_is_plain_gan_bit_for_bit(name: str) -> None:
    assert torch.equal(trained(getattr(mixins, name), **NEUTRAL[name]), trained(GAN))


@pytest.mark.parametrize("cls", MIXINS)
def test_default_setting_is_not_plain_gan(cls: type[GAN]) -> None:
    assert not torch.equal(trained(cls), trained(GAN))


@pytest.mark.parametrize("cls", MIXINS)
def test_every_argument_is_a_hyperparameter(cls: type[GAN]) -> None:
    assert {p.name for p in own_arguments(cls)} <= set(make(cls).hparams)


@pytest.mark.parametrize("cls", MIXINS)
def test_python_rejects_the_wrong_base_order(cls: type[GAN]) -> None:
    with pytest.raises(TypeError, match="consistent method resolution"):
        type("Wrong", (GAN, cls), {})


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_pairs_train_and_order_does_not_matter(a: type[GAN], b: type[GAN]) -> None:
    ab, ba = trained(type("AB", (a, b), {})), trained(type("BA", (b, a), {}))
    assert ab.isfinite().all()
    assert torch.equal(ab, ba) or frozenset({a.__name__, b.__name__}) in ORDERED


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("mixin", MIXINS)
def test_recipes_take_every_mixin(recipe: type[GAN], mixin: type[GAN]) -> None:
    shape = (1, 8, 8)
    torch.manual_seed(0)
    gan = type("Mixed", (mixin, recipe), {})(shape=shape, width_d=4, width_g=4, latent_dim=4)
    images = torch.randn(2, 8, *shape).clamp(-1, 1)
    from helpers import Batches

    before = weights(gan)
    fit(gan, Batches(*images))
    assert weights(gan).isfinite().all()
    assert not torch.equal(before, weights(gan))
