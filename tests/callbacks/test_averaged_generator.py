"""Whoever samples finds the average, and the average is right however the generator is updated."""

from pathlib import Path
from typing import Any

import pytest
import torch
from foreign_modules import LATENT, Official, batches_for, bce
from helpers import Batches, fit, make, points, trainer, weights
from lightning.pytorch import Callback
from torch import nn

from gan_lightning import ExtraAdam, GeneratorEMA
from gan_lightning.callbacks.generator_ema import averaged_generator
from gan_lightning.layers import add_spectral_norm


class Looks(Callback):
    """Keep whether there was an average, and the generator's weights that were shown."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, bool, torch.Tensor]] = []

    def look(self, when: str, trainer: Any, module: Any) -> None:
        with averaged_generator(trainer) as outer, averaged_generator(trainer) as inner:
            assert outer == inner
            self.seen.append((when, outer, weights(module.generator)))

    def on_fit_start(self, trainer: Any, pl_module: Any) -> None:
        self.look("start", trainer, pl_module)

    def on_train_batch_end(self, trainer: Any, pl_module: Any, *_: Any) -> None:
        self.look("batch", trainer, pl_module)

    def on_validation_start(self, trainer: Any, pl_module: Any) -> None:
        self.look("validation", trainer, pl_module)

    on_validation_end = on_fit_end = on_validation_start


@pytest.mark.parametrize("is_first", [True, False])
def test_the_average_is_found_wherever_it_stands(is_first: bool) -> None:
    ema, looks = GeneratorEMA(half_life_kimg=0.1, ramp_up=None), Looks()
    callbacks = [looks, ema] if is_first else [ema, looks]
    module, alone = make(), make()
    run = fit(module, points(), callbacks=callbacks)
    fit(alone, points())
    assert torch.equal(weights(module), weights(alone))
    average = weights(ema.average_model())
    assert [(when, is_average) for when, is_average, _ in looks.seen][1:] == [("batch", True)] * 4 + [
        ("validation", True)
    ]
    assert torch.equal(looks.seen[-2][2], average)
    assert not torch.equal(average, weights(module.generator))
    with averaged_generator(run) as is_average:
        assert is_average
        assert torch.equal(weights(module.generator), average)
    assert torch.equal(weights(module), weights(alone))


def test_it_is_there_while_validating_whether_before_or_after_the_swap() -> None:
    class Validated(Official):
        def validation_step(self, batch, batch_idx):
            pass

    ema, first, last = GeneratorEMA(half_life_kimg=0.1), Looks(), Looks()
    data = batches_for(Official)
    run = trainer(callbacks=[first, ema, last], num_sanity_val_steps=0)
    run.fit(module := Validated(), Batches(*data), Batches(*data))
    average = weights(ema.average_model())
    for looks in (first, last):
        shown = [(is_average, each) for when, is_average, each in looks.seen if when == "validation"]
        assert shown
        assert all(is_average and torch.equal(each, average) for is_average, each in shown)
    assert not torch.equal(weights(module.generator), average)


def test_without_an_average_the_generator_stays() -> None:
    run = fit(module := make(), points())
    before = weights(module)
    with averaged_generator(run) as is_average:
        assert not is_average
        assert torch.equal(weights(module), before)
    fit(Official(), Batches(*batches_for(Official)), callbacks=[of_another := GeneratorEMA()])
    run.callbacks.append(of_another)
    with averaged_generator(run) as is_average:
        assert not is_average
    with averaged_generator(trainer(callbacks=[GeneratorEMA()])) as is_average:
        assert not is_average


def test_a_resumed_run_shows_the_saved_average_from_the_start(tmp_path: Path) -> None:
    ema = GeneratorEMA(half_life_kimg=0.1)
    fit(make(), points(), callbacks=[ema]).save_checkpoint(tmp_path / "x.ckpt")
    looks = Looks()
    fit(
        make(),
        points(),
        callbacks=[looks, GeneratorEMA(half_life_kimg=0.1)],
        max_epochs=2,
        ckpt_path=tmp_path / "x.ckpt",
    )
    when, is_average, shown = looks.seen[0]
    assert (when, is_average) == ("start", True)
    assert torch.equal(shown, weights(ema.average_model()))


class Steps(GeneratorEMA):
    """Keep what was averaged."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.seen: list[tuple[int, torch.Tensor]] = []

    def _update(self, *called_with: Any) -> None:
        before = self._images_at_update
        super()._update(*called_with)
        self.seen.append((self._images_at_update - before, weights(self._network).double()))


def expected(start: torch.Tensor, seen: list[tuple[int, torch.Tensor]], half_life: float) -> torch.Tensor:
    average = start.double()
    for images, value in seen:
        beta = 0.5 ** (images / half_life)
        average = beta * average + (1 - beta) * value
    return average


@pytest.mark.parametrize(
    ("arguments", "images"),
    [({"d_steps": 3}, [24, 24]), ({"g_steps": 2}, [8, 0] * 6), ({"micro_batches_g": 2}, [8] * 6)],
)
def test_images_are_counted_however_the_players_take_turns(arguments: dict, images: list[int]) -> None:
    ema = Steps(half_life_kimg=0.016, ramp_up=None)
    module = make(**arguments)
    start = weights(module.generator)
    fit(module, points(batches=6), callbacks=[ema])
    assert [count for count, _ in ema.seen] == images
    average = expected(start, ema.seen, 16.0)
    torch.testing.assert_close(weights(ema.average_model()).double(), average, rtol=0, atol=1e-6)


class Scaled(Official):
    """Scales its generator's loss itself; the gradient of the third batch is infinite, and that update is skipped."""

    def __init__(self) -> None:
        super().__init__()
        self.scaler = torch.amp.GradScaler("cpu", init_scale=4.0)

    def training_step(self, batch, batch_idx):
        optimizer = self.optimizers()[0].optimizer
        loss = bce(self.discriminator(self(self.latents(batch))), 1.0)
        self.scaler.scale(loss * (float("inf") if batch_idx == 2 else 1.0)).backward()
        self.scaler.step(optimizer)
        self.scaler.update()
        optimizer.zero_grad()


def test_an_update_that_the_scaler_skips_is_not_averaged() -> None:
    ema = Steps(half_life_kimg=0.016, ramp_up=None)
    module = Scaled()
    start = weights(module.generator)
    fit(module, Batches(*batches_for(Official)), callbacks=[ema])
    assert [count for count, _ in ema.seen] == [8, 8, 16, 8, 8]
    average = expected(start, ema.seen, 16.0)
    torch.testing.assert_close(weights(ema.average_model()).double(), average, rtol=0, atol=1e-6)


def test_points_ahead_are_not_averaged() -> None:
    """Of four calls the first and third look ahead: until the second update, the average is of the start and one."""
    ema = GeneratorEMA(half_life_kimg=0.008, ramp_up=None)
    module = make(optimizer_d=ExtraAdam, optimizer_g=ExtraAdam)
    start, at_update = weights(module.generator), []

    class Keep(Callback):
        def on_train_batch_end(self, trainer: Any, pl_module: Any, *_: Any) -> None:
            at_update.append(weights(pl_module.generator))

    fit(module, points(), callbacks=[ema, Keep()])
    average = expected(start, [(8, start.double()), *((8, at_update[i].double()) for i in (1, 1, 3))], 8.0)
    torch.testing.assert_close(weights(ema.average_model()).double(), average, rtol=0, atol=1e-6)


def test_spectral_norms_vectors_and_integers_are_copied_and_of_unit_length() -> None:
    class Normalised(Official):
        def __init__(self) -> None:
            super().__init__()
            self.generator = nn.Sequential(nn.Linear(LATENT, 8), nn.BatchNorm1d(8), nn.Linear(8, 2))
            add_spectral_norm(self.generator)

    ema = GeneratorEMA(half_life_kimg=0.05)
    fit(module := Normalised(), Batches(*batches_for(Official)), callbacks=[ema])
    average, raw = (dict(network.named_buffers()) for network in (ema.average_model(), module.generator))
    assert raw["1.num_batches_tracked"] > 0
    for name, buffer in average.items():
        assert torch.equal(buffer, raw[name]), name
        if name.endswith(("._u", "._v")):
            torch.testing.assert_close(buffer.norm(), torch.tensor(1.0))
