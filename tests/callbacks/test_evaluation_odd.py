"""Evaluations among others, of odd metrics, data and modules, and by themselves."""

from pathlib import Path
from typing import Any

import pytest
import torch
from callbacks.test_evaluation import Mean, kid
from foreign_modules import LATENT, Official, batches_for, layers
from helpers import Batches, fit, make, points, trainer, weights
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset

from gan_lightning import Evaluation
from gan_lightning.callbacks.averaged_weights import fitted
from gan_lightning.metrics import KID, InceptionScore, ModeCoverage


class Fails(Mean):
    def compute(self) -> Any:
        raise ZeroDivisionError("no figure")


class Returns(Mean):
    """A metric of odd figures."""

    def __init__(self, found: Any) -> None:
        super().__init__()
        self.found = found

    def compute(self) -> Any:
        return self.found


def trained(*callbacks: Any, data: Any = None, **arguments: Any) -> Tensor:
    gan = make(**arguments)
    fit(gan, points() if data is None else data, callbacks=list(callbacks))
    return torch.cat([weights(gan), torch.rand(3)])


class Chokes(Mean):
    """Draws numbers, and then fails, at more samples than it is tried with."""

    def update(self, samples: Tensor, real: bool = False) -> None:
        torch.rand(1)
        if len(samples) > 8:
            raise ZeroDivisionError


@pytest.mark.filterwarnings("ignore:Evaluation failed")
def test_an_evaluation_that_fails_leaves_no_trace_in_the_training() -> None:
    assert torch.equal(trained(Evaluation({"chokes": Chokes()}, every=1, num_samples=24)), trained())


def test_a_metric_that_fails_costs_its_own_figures_only() -> None:
    evaluation = Evaluation({"fails": Fails(), "mean": Mean()}, every=2, num_samples=8)
    with pytest.warns(UserWarning, match=r"could not compute 'fails': ZeroDivisionError: no figure") as told:
        fit(make(), points(), callbacks=[evaluation])
    assert sum("Evaluation" in str(each.message) for each in told) == 1
    assert evaluation.last is not None
    assert (evaluation.last.iteration, list(evaluation.last.values)) == (4, ["metrics/mean"])


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (torch.ones(3), r"'odd' is of shape \(3,\), expected one number"),
        ({"a": {"b": torch.ones(())}}, "'a' is a dict"),
        (None, "'odd' is a NoneType"),
    ],
    ids=["vector", "nested", "none"],
)
def test_figures_are_numbers(found: Any, said: str) -> None:
    with pytest.warns(UserWarning, match=said):
        fit(make(), points(), callbacks=[Evaluation({"odd": Returns(found)}, every=4, num_samples=8)])


def test_a_validation_alone() -> None:
    evaluation = Evaluation({"modes": ModeCoverage(torch.eye(2), 0.3)}, num_samples=8)
    trainer(callbacks=[evaluation]).validate(make(), points(), verbose=False)
    assert evaluation.last is not None
    assert "metrics/modes" in evaluation.last.values


def test_two_go_together_under_other_names(tmp_path: Path) -> None:
    often, rarely = kid(), Evaluation({"mean": Mean()}, every=4, num_samples=8)
    run = fit(make(), points(), callbacks=[often, rarely])
    run.save_checkpoint(tmp_path / "x.ckpt")
    fresh = kid(), Evaluation({"mean": Mean()}, every=4, num_samples=8)
    fit(make(), points(), callbacks=list(fresh), ckpt_path=tmp_path / "x.ckpt")
    assert [each.last for each in fresh] == [often.last, rarely.last]
    same = Evaluation({"kid": KID(10, 3), "mean": Mean()}, every=4, num_samples=24)
    with pytest.raises(ValueError, match="several Evaluations measure 'kid'"):
        fit(make(), points(), callbacks=[often, same])


def test_another_module_starts_anew() -> None:
    class Wide(Official):
        def __init__(self) -> None:
            super().__init__()
            self.generator = layers(6, 2)

        def latents(self, imgs: Tensor) -> Tensor:
            return torch.randn(len(imgs), 6)

    evaluation = kid(num_samples=16)
    for cls in (Official, Wide):
        fit(cls(), Batches(*batches_for(Official)), callbacks=[evaluation])
    assert evaluation.last is not None
    assert evaluation.last.iteration == 6
    fit(Official(), Batches(*batches_for(Official, count=1)), callbacks=[evaluation])
    assert evaluation.last is None


def test_inputs_under_autocast_are_played_again_under_it() -> None:
    class Mapped(Official):
        def __init__(self) -> None:
            super().__init__()
            self.mapping = nn.Linear(LATENT, LATENT)

        def forward(self, z: Tensor) -> Tensor:
            return self.generator(self.mapping(z))

    evaluation = kid(num_samples=16, generator="generator")
    fit(Mapped(), Batches(*batches_for(Official)), callbacks=[evaluation], precision="bf16-mixed")
    assert evaluation.last is not None


def test_a_checkpoint_holds_plain_facts(tmp_path: Path) -> None:
    embedder = nn.Linear(2, 2)
    embedder.resize = nn.Identity()
    run = fit(make(), points(), callbacks=[Evaluation({"kid": KID(10, 3, embedder)}, every=2, num_samples=24)])
    run.save_checkpoint(tmp_path / "x.ckpt")
    (state,) = torch.load(tmp_path / "x.ckpt", weights_only=True)["callbacks"].values()
    assert state["last"]["facts"]["kid"]["resize"] == "Identity()"


@pytest.mark.filterwarnings("ignore:an inception score")
def test_a_network_of_the_module_may_embed() -> None:
    def run(watched: bool) -> Tensor:
        torch.manual_seed(1)
        d = nn.Sequential(nn.Linear(2, 8), nn.Dropout(), nn.Linear(8, 1))
        metrics = {"kid": KID(10, 3, d[:2]), "is": InceptionScore(d[:2], 8)}
        return trained(*[Evaluation(metrics, every=1, num_samples=24)] * watched, discriminator=d)

    assert torch.equal(run(True), run(False))


def test_an_average_taken_up_in_a_validation_can_be_trained_on() -> None:
    network = nn.Linear(2, 2, device="meta")
    with torch.inference_mode():
        average = fitted({"weight": torch.zeros(2, 2), "bias": torch.zeros(2)}, network, "generator")
    assert not any(mean.is_inference() for mean in average.values())


class Stream(IterableDataset):
    def __iter__(self) -> Any:
        return iter(torch.randn(32, 2, generator=torch.Generator().manual_seed(0)))


def test_workers_that_stay_are_left_to_the_training() -> None:
    def loader() -> DataLoader:
        return DataLoader(Stream(), batch_size=8, num_workers=1, persistent_workers=True)

    assert torch.equal(trained(kid(every=1), data=loader()), trained(data=loader()))


def test_real_samples_are_read_once() -> None:
    passes = []

    class Counted(Batches):
        def __iter__(self) -> Any:
            passes.append(1)
            return super().__iter__()

    fit(make(), points(), callbacks=[kid(every=1, real=Counted(*points()))])
    assert len(passes) == 2  # once to try them, once for all evaluations


def test_samples_are_let_go_at_the_end() -> None:
    evaluation = kid()
    fit(make(), points(), callbacks=[evaluation])
    assert not evaluation.panel.knows_real
    assert not evaluation.panel.metrics["kid"].real
