"""CR, bCR and zCR: each term on linear networks, where it is known."""

import pytest
import torch
from helpers import Batches, fit, make
from torch import nn

from gan_lightning.mixins import ConsistencyRegularization

OFF = {"cr_weight_real": 0.0}


def linear(inputs: int, outputs: int, value: float) -> nn.Linear:
    layer = nn.Linear(inputs, outputs)
    nn.init.constant_(layer.weight, value)
    return layer


def terms_of(data: torch.Tensor, generator=None, discriminator=None, **arguments) -> tuple[dict, dict]:
    """Return the first terms of both players."""
    seen: dict[str, dict] = {}

    class Spy(ConsistencyRegularization):
        def d_terms(self, step):
            terms = super().d_terms(step)
            seen.setdefault("d", {name: float(value.detach()) for name, value in terms.items()})
            return terms

        def g_terms(self, step):
            terms = super().g_terms(step)
            seen.setdefault("g", {name: float(value.detach()) for name, value in terms.items()})
            return terms

    networks = {"generator": generator or linear(4, 2, 1.0), "discriminator": discriminator or linear(2, 1, 3.0)}
    fit(make(Spy, **networks, **arguments), Batches(data))
    return seen["d"], seen["g"]


@pytest.mark.parametrize(("weight", "name"), [("cr_weight_real", "cr"), ("cr_weight_fake", "bcr")])
def test_the_change_of_a_linear_discriminator_is_its_weight_times_the_noise(weight: str, name: str) -> None:
    d, g = terms_of(torch.randn(20000, 2), cr_std=0.2, **{**OFF, weight: 10.0})
    assert set(d) == {"adv", name}
    assert set(g) == {"adv"}
    assert d[name] == pytest.approx(10 * 0.2**2 * 2 * 3.0**2, rel=0.05)


def test_latents_change_a_linear_generator_by_its_weights_times_the_noise() -> None:
    weights = {"zcr_weight_d": 5.0, "zcr_weight_g": 0.5, "zcr_std": 0.1}
    d, g = terms_of(torch.randn(20000, 2), **OFF, **weights)
    each = 0.1**2 * 4 * 1.0**2  # of each number of a sample; the two are equal, so the logit changes by 3 + 3 times it
    assert d["zcr"] == pytest.approx(5.0 * 6.0**2 * each, rel=0.05)
    assert g["zcr"] == pytest.approx(-0.5 * each, rel=0.05)


def test_images_are_mirrored_and_moved() -> None:
    """A discriminator that sums the pixels minds neither in a flat image; in others it minds what reflection brings."""

    class Sum(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.ones(()))

        def forward(self, x):
            return self.weight * x.flatten(1).mean(1)

    class Flat(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(4, 1)

        def forward(self, z):
            return self.linear(z)[:, :, None, None].expand(-1, 1, 12, 12)

    flat, slope = torch.ones(64, 1, 12, 12), torch.arange(12.0).expand(64, 1, 12, 12)
    assert terms_of(flat, Flat(), Sum())[0]["cr"] == pytest.approx(0, abs=1e-10)
    shift = torch.arange(-4, 5)
    padded = torch.nn.functional.pad(torch.arange(12.0)[None], (4, 4), mode="reflect")[0]
    expected = torch.stack([padded[4 - s : 16 - s].mean() - 5.5 for s in shift]).square().mean()
    assert terms_of(slope, Flat(), Sum(), cr_weight_real=1.0)[0]["cr"] == pytest.approx(float(expected), rel=0.3)


def test_the_discriminator_learns_to_overlook_the_change() -> None:
    """With a huge weight, the linear discriminator's weights go to zero."""
    discriminator = linear(2, 1, 1.0)
    gan = make(ConsistencyRegularization, discriminator=discriminator, cr_weight_real=1e4, optimizer_d=fast)
    fit(gan, Batches(*torch.randn(60, 64, 2)))
    assert float(discriminator.weight.detach().norm()) < 0.1


def fast(params):
    return torch.optim.Adam(params, lr=0.05)


@pytest.mark.parametrize("value", [0.0, -1.0])
@pytest.mark.parametrize("name", ["cr_std", "zcr_std"])
def test_no_change_is_an_error(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"expected cr_std > 0 and zcr_std > 0, got .*{value}.*set its weight to 0"):
        make(ConsistencyRegularization, **{name: value})


@pytest.mark.parametrize("name", ["cr_weight_real", "cr_weight_fake", "zcr_weight_d", "zcr_weight_g"])
def test_bad_arguments(name: str) -> None:
    with pytest.raises(ValueError, match=f"0 or more, got .'{name}': -1"):
        make(ConsistencyRegularization, **{name: -1.0})
