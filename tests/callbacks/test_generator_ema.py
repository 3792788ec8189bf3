"""The average is that of the formula, of the generator alone, and training does not notice."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from callbacks_resuming import straight_and_resumed
from foreign_modules import FOREIGN, LATENT, Official, batches_for, players
from helpers import Batches, fit, make, points, trainer, weights
from torch import nn

from gan_lightning import GeneratorEMA


def trained(module: Any, *callbacks: Any, **arguments: Any) -> Any:
    fit(module, Batches(*batches_for(type(module))), callbacks=list(callbacks), **arguments)
    return module


def fresh(cls: type = Official) -> Any:
    torch.manual_seed(1)
    return cls()


class Normalised(Official):
    """A generator with batch norm, spectral norm and a buffer of integers."""

    def __init__(self) -> None:
        super().__init__()
        self.generator = nn.Sequential(
            nn.utils.parametrizations.spectral_norm(nn.Linear(LATENT, 8)), nn.BatchNorm1d(8), nn.Linear(8, 2)
        )


@pytest.mark.parametrize("cls", [*FOREIGN, Normalised])
def test_training_does_not_notice(cls: type) -> None:
    with_it, without = trained(fresh(cls), GeneratorEMA()), trained(fresh(cls))
    for name, tensor in without.state_dict().items():
        assert torch.equal(tensor, with_it.state_dict()[name]), name


def test_nor_does_a_gan_of_this_package() -> None:
    with_it, without = make(), make()
    fit(with_it, points(), callbacks=[GeneratorEMA()])
    fit(without, points())
    assert torch.equal(weights(with_it), weights(without))


@pytest.mark.parametrize("cls", FOREIGN)
@pytest.mark.parametrize("ramp_up", [None, 0.5])
def test_it_is_the_average_of_the_formula(cls: type, ramp_up: float | None) -> None:
    """Slowly, in float64, from the generator's weights after each of its updates."""
    history = []

    class Steps(GeneratorEMA):
        def _update(self, *called_with):
            super()._update(*called_with)
            history.append(weights(self._network).double())

    module = fresh(cls)
    start = weights(players(module)[1]).double()
    ema = Steps(half_life_kimg=0.016, ramp_up=ramp_up)
    trained(module, ema)
    average = start
    for update, value in enumerate(history, 1):
        half_life = 16.0 if ramp_up is None else min(16.0, ramp_up * 8 * update)
        beta = 0.5 ** (8 / half_life)
        average = beta * average + (1 - beta) * value
    assert len(history) == 6
    torch.testing.assert_close(weights(ema.average_model()).double(), average, rtol=0, atol=1e-6)
    assert not torch.allclose(average, history[-1], atol=1e-3)


class Rarely(Official):
    """Updates the generator on every third batch only."""

    def training_step(self, batch, batch_idx):
        if batch_idx % 3 == 2:
            super().training_step(batch, batch_idx)


def test_the_half_life_counts_images_not_updates() -> None:
    """Two updates, 24 images apart; the first is 24 images after the start."""
    seen = []

    class Steps(GeneratorEMA):
        def _update(self, *called_with):
            super()._update(*called_with)
            seen.append(weights(self._network))

    module = fresh(Rarely)
    start = weights(module.generator)
    ema = Steps(half_life_kimg=0.024, ramp_up=None)
    trained(module, ema)
    first, second = seen
    torch.testing.assert_close(weights(ema.average_model()), start / 4 + first / 4 + second / 2, rtol=0, atol=1e-6)


def test_buffers_are_the_generators_own() -> None:
    ema = GeneratorEMA(half_life_kimg=1.0, ramp_up=None)
    module = trained(fresh(Normalised), ema)
    average = ema.average_model()
    for (name, buffer), (_, raw) in zip(average.named_buffers(), module.generator.named_buffers(), strict=True):
        assert torch.equal(buffer, raw), name
    assert not torch.allclose(weights(average), weights(module.generator))
    assert not average.training
    assert not any(p.requires_grad for p in average.parameters())


def test_the_average_judges_in_validation_and_the_raw_weights_come_back() -> None:
    ema = GeneratorEMA(half_life_kimg=0.1, ramp_up=None)
    seen = []

    class Validated(Official):
        def validation_step(self, batch, batch_idx):
            seen.append((weights(self.generator), weights(self.discriminator)))

    torch.manual_seed(1)
    module = Validated()
    torch.manual_seed(2)
    run = trainer(callbacks=[ema], num_sanity_val_steps=0)
    data = batches_for(Official)
    run.fit(module, Batches(*data), Batches(*data[:1]))
    average = weights(ema.average_model())
    assert torch.equal(seen[0][0], average)
    assert torch.equal(seen[0][1], weights(module.discriminator))
    assert not torch.equal(weights(module.generator), average)
    assert torch.equal(weights(module), weights(trained(fresh())))
    with ema.applied():
        inside = module(torch.ones(4, LATENT))
    assert torch.equal(torch.cat(run.predict(module, Batches(*data[:1]))), inside)
    assert not torch.equal(module(torch.ones(4, LATENT)), inside)


def test_a_checkpoint_holds_both_and_a_fresh_process_predicts_with_the_average(tmp_path: Path) -> None:
    ema = GeneratorEMA(half_life_kimg=0.1)
    data = batches_for(Official)
    module = fresh()
    run = fit(module, Batches(*data), callbacks=[ema])
    run.save_checkpoint(tmp_path / "x.ckpt")
    saved = torch.load(tmp_path / "x.ckpt", weights_only=True)
    assert torch.equal(saved["state_dict"]["generator.0.weight"], module.generator[0].weight)
    with ema.applied():
        expected = module(torch.ones(4, LATENT))
        run.save_checkpoint(tmp_path / "amid.ckpt")
    amid = torch.load(tmp_path / "amid.ckpt", weights_only=True)
    assert torch.equal(amid["state_dict"]["generator.0.weight"], module.generator[0].weight)
    alone = trainer(callbacks=[GeneratorEMA(half_life_kimg=0.1)])
    shown = alone.predict(Official(), Batches(*data[:1]), ckpt_path=tmp_path / "x.ckpt", weights_only=True)
    assert torch.equal(torch.cat(shown), expected)


@pytest.mark.parametrize("cls", [*FOREIGN, Normalised])
def test_a_resumed_run_ends_as_the_straight_one(cls: type, tmp_path: Path) -> None:
    straight, resumed = straight_and_resumed(cls, lambda: GeneratorEMA(0.05), batches_for(cls), tmp_path)
    assert torch.equal(weights(straight[0]), weights(resumed[0]))
    expected = straight[1].state_dict()
    got = resumed[1].state_dict()
    assert {name: expected[name] for name in expected if name != "average"} == {
        name: got[name] for name in got if name != "average"
    }
    for name, tensor in expected["average"].items():
        assert torch.equal(tensor, got["average"][name]), name


def test_half_precision_weights_are_averaged_in_float32() -> None:
    ema = GeneratorEMA(half_life_kimg=1000.0, ramp_up=None)
    module = trained(fresh(), ema, precision="bf16-true")
    assert module.generator[0].weight.dtype == torch.bfloat16
    assert ema.state_dict()["average"]["0.weight"].dtype == torch.float32


def test_an_error_amid_validation_leaves_the_raw_weights() -> None:
    class Fails(Official):
        def validation_step(self, batch, batch_idx):
            raise ZeroDivisionError

    torch.manual_seed(1)
    module = Fails()
    torch.manual_seed(2)
    data = Batches(*batches_for(Official))
    with pytest.raises(ZeroDivisionError):
        trainer(callbacks=[GeneratorEMA()], num_sanity_val_steps=0).fit(module, data, data)
    assert torch.equal(weights(module), weights(trained(fresh())))


def test_what_cannot_work_is_refused() -> None:
    for arguments in ({"half_life_kimg": 0.0}, {"ramp_up": 0.0}):
        with pytest.raises(ValueError, match="expected half_life_kimg and ramp_up above 0"):
            GeneratorEMA(**arguments)
    with pytest.raises(RuntimeError, match="no average yet"), GeneratorEMA().applied():
        pass
    trained(fresh(), of_another := GeneratorEMA())
    used = GeneratorEMA()
    used.load_state_dict(of_another.state_dict())
    with pytest.raises(ValueError, match="the average of another network than generator"):
        trained(fresh(Normalised), used)
    with pytest.warns(UserWarning, match="has no average yet"):
        trainer(callbacks=[GeneratorEMA()]).predict(fresh(), Batches(*batches_for(Official)))


@dataclass
class Points:
    """A batch of a class of its own, which Lightning moves by its ``to``."""

    x: torch.Tensor


class Opaque:
    """A batch in which no tensor is to be seen."""

    def __init__(self, x: torch.Tensor) -> None:
        self.x = x


class Unpacks(Official):
    def training_step(self, batch, batch_idx):
        super().training_step(batch.x if isinstance(batch, Points | Opaque) else batch["x"], batch_idx)


def test_images_are_counted_in_batches_of_all_forms() -> None:
    for wrap in (Points, lambda x: {"scale": torch.tensor(2.0), "x": x}):
        ema = GeneratorEMA()
        run = fit(Unpacks(), Batches(*map(wrap, batches_for(Official))), callbacks=[ema])
        assert ema.state_dict()["images"] == 8 * 6
        assert run.global_step == 2 * 6


def test_a_batch_that_cannot_be_counted_is_an_error_and_not_the_end_of_the_data() -> None:
    with pytest.raises(ValueError, match="cannot count the samples of a batch that is a Opaque"):
        fit(Unpacks(), Batches(*map(Opaque, batches_for(Official))), callbacks=[GeneratorEMA()])


@pytest.mark.filterwarnings("ignore:.*weight_norm")
@pytest.mark.parametrize("norm", [nn.utils.weight_norm, nn.utils.spectral_norm])
def test_a_generator_with_the_older_norms_is_copied(norm: Any) -> None:
    class Older(Official):
        def __init__(self) -> None:
            super().__init__()
            self.generator = nn.Sequential(norm(nn.Linear(LATENT, 8)), nn.ReLU(), norm(nn.Linear(8, 2)))

    ema = GeneratorEMA(half_life_kimg=0.1)
    module = trained(fresh(Older), ema)
    module.generator(torch.ones(4, LATENT)).sum().backward()  # leaves weights that have a graph
    copied = ema.average_model()
    with ema.applied():
        expected = module.generator.eval()(torch.ones(4, LATENT))
    assert torch.equal(copied(torch.ones(4, LATENT)), expected)
    assert not torch.equal(module.generator(torch.ones(4, LATENT)), expected)
    module.generator.train()(torch.ones(4, LATENT)).sum().backward()
