"""Historical averaging from outside equals the paper's term written into the module's own losses."""

from pathlib import Path
from typing import Any

import pytest
import torch
from callbacks_resuming import straight_and_resumed
from foreign_modules import FOREIGN, HiddenJudge, Official, batches_for, players
from helpers import Batches, fit, make, points, weights

from gan_lightning import AddHistoricalAveraging, GeneratorEMA
from gan_lightning.mixins import HistoricalAveraging


def trained(cls: type, *callbacks: Any) -> torch.Tensor:
    torch.manual_seed(1)
    module = cls()
    fit(module, Batches(*batches_for(cls)), callbacks=list(callbacks), precision="64-true")
    return weights(module)


def term(module: Any, player: int, weight: float) -> Any:
    """The paper's section 3.3, slowly: all past values are kept."""
    past = module.__dict__.setdefault(f"past_{player}", [])
    theta = torch.cat([p.flatten() for p in players(module)[player].parameters()])
    past.append(theta.detach().clone())
    return weight * (theta - torch.stack(past).mean(0)).square().sum()


def by_hand(cls: type, weight_d: float, weight_g: float) -> type:
    members = {
        "penalty": lambda self, judge, real: term(self, 0, weight_d),
        "g_penalty": lambda self: term(self, 1, weight_g),
    }
    return type("ByHand", (cls,), members)


@pytest.mark.parametrize("cls", FOREIGN)
@pytest.mark.parametrize(("weight_d", "weight_g"), [(1.0, 0.0), (0.0, 0.5), (0.5, 2.0)])
def test_it_is_the_term_written_by_hand(cls: type, weight_d: float, weight_g: float) -> None:
    expected = trained(by_hand(cls, weight_d, weight_g))
    torch.testing.assert_close(trained(cls, AddHistoricalAveraging(weight_d, weight_g)), expected, rtol=0, atol=1e-10)
    assert not torch.allclose(expected, trained(cls), atol=1e-5)


def test_it_is_the_mixin_on_a_gan_of_this_package() -> None:
    outside, inside = make(), make(HistoricalAveraging, history_weight_d=0.5, history_weight_g=0.5)
    fit(outside, points(), callbacks=[AddHistoricalAveraging(0.5, 0.5)])
    fit(inside, points())
    torch.testing.assert_close(weights(outside), weights(inside), rtol=0, atol=1e-6)


@pytest.mark.parametrize("cls", FOREIGN)
def test_a_resumed_run_ends_as_the_straight_one(cls: type, tmp_path: Path) -> None:
    straight, resumed = straight_and_resumed(cls, AddHistoricalAveraging, batches_for(cls), tmp_path)
    assert torch.equal(weights(straight[0]), weights(resumed[0]))
    for player, history in straight[1].state_dict()["history"].items():
        for name, tensor in history.items():
            assert torch.equal(tensor, resumed[1].state_dict()["history"][player][name]), (player, name)


class Late(Official):
    """Its discriminator is frozen at first, though its optimizer steps at every batch."""

    def __init__(self) -> None:
        super().__init__()
        self.discriminator.requires_grad_(False)

    def training_step(self, batch, batch_idx):
        if batch_idx == 4:
            self.discriminator.requires_grad_(True)
        optimizer_d = self.optimizers()[1]
        optimizer_d.zero_grad()
        if batch_idx >= 4:
            self.manual_backward(self.discriminator(batch).square().mean() + self.penalty(self.discriminator, batch))
        optimizer_d.step()


def test_a_player_that_starts_late_is_counted_from_its_first_gradient() -> None:
    callback = AddHistoricalAveraging(1.0, 0.0)
    got = trained(Late, callback)
    assert int(callback.state_dict()["history"]["d"]["count"]) == 2
    torch.testing.assert_close(got, trained(by_hand(Late, 1.0, 0.0)), rtol=0, atol=1e-10)


def test_a_part_of_a_player_is_asked_for() -> None:
    class Autoencoder(HiddenJudge):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = torch.nn.Linear(4, 4)

        def configure_optimizers(self):
            made = super().configure_optimizers()
            made[0].add_param_group({"params": self.encoder.parameters()})
            return made

    for callback in (AddHistoricalAveraging(), GeneratorEMA()):
        with pytest.raises(ValueError, match=r"looks like decoder, but its optimizer trains encoder too: .*='decoder'"):
            trained(Autoencoder, callback)
    for callback in (AddHistoricalAveraging(generator="decoder"), GeneratorEMA(generator="decoder")):
        assert trained(Autoencoder, callback).isfinite().all()


def test_what_cannot_work_is_refused() -> None:
    with pytest.raises(ValueError, match="expected weight_d >= 0 and weight_g >= 0"):
        AddHistoricalAveraging(weight_d=-1.0)

    class Split(Official):
        def configure_optimizers(self):
            first, _, last = self.discriminator
            return [torch.optim.Adam(part.parameters()) for part in (self.generator, first, last)]

    with pytest.raises(ValueError, match="2 optimizers update the Sequential: name a part"):
        trained(Split, AddHistoricalAveraging())

    class Fused(Official):
        def configure_optimizers(self):
            return [torch.optim.Adam(part.parameters(), fused=True) for part in (self.generator, self.discriminator)]

    from lightning.pytorch.plugins.precision import MixedPrecision

    plugin = MixedPrecision("16-mixed", "cpu", torch.amp.GradScaler("cpu"))
    with pytest.raises(ValueError, match="pass fused=False, or train with bf16-mixed"):
        fit(Fused(), Batches(*batches_for(Official)), callbacks=[AddHistoricalAveraging()], plugins=[plugin])
