"""What each technique must keep while it trains: its neutral setting is plain GAN, and it mixes with all others."""

import itertools

import pytest
import torch
from techniques import DRAWS, EXCLUSIVE, MIXINS, ORDERED, own_arguments, plain, toy, trained

from gan_lightning import GAN

PAIRS = [pytest.param(a, b, id=f"{a.__name__}-{b.__name__}") for a, b in itertools.combinations(MIXINS, 2)]


@pytest.mark.parametrize("cls", MIXINS)
def test_neutral_setting_is_plain_gan_bit_for_bit(cls: type[GAN]) -> None:
    assert torch.equal(trained(toy(cls, neutral=True)), trained(plain(cls)))


@pytest.mark.parametrize("cls", MIXINS)
def test_other_settings_are_not_plain_gan(cls: type[GAN]) -> None:
    changed, unchanged = trained(toy(cls)), trained(plain(cls))
    assert changed.isfinite().all()
    assert len(changed) != len(unchanged) or not torch.equal(changed, unchanged)


@pytest.mark.parametrize("cls", MIXINS)
def test_every_argument_is_a_hyperparameter(cls: type[GAN]) -> None:
    assert {p.name for p in own_arguments(cls)} <= set(toy(cls).hparams)


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_pairs_train_and_order_does_not_matter(a: type[GAN], b: type[GAN]) -> None:
    pair = frozenset({a.__name__, b.__name__})
    if pair in EXCLUSIVE:
        with pytest.raises(ValueError, match=EXCLUSIVE[pair]):
            trained(toy(a, b).double(), precision="64-true")
        return
    ab = trained(toy(a, b).double(), precision="64-true")
    assert ab.isfinite().all()
    if pair in ORDERED or pair <= DRAWS:
        return
    ba = trained(toy(b, a).double(), precision="64-true")
    torch.testing.assert_close(ab.sort().values, ba.sort().values, rtol=0, atol=1e-8)


@pytest.mark.parametrize("pair", ORDERED)
def test_a_pair_is_listed_as_ordered_only_if_it_is(pair: frozenset[str]) -> None:
    a, b = (cls for cls in MIXINS if cls.__name__ in pair)
    ab, ba = (trained(toy(*parts).double(), precision="64-true").sort().values for parts in ((a, b), (b, a)))
    assert not torch.allclose(ab, ba, rtol=0, atol=1e-8)
