"""All callbacks that draw: training does not notice them, what fails ends nothing, and rank 0 alone writes."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from foreign_modules import FOREIGN, Official, batches_for
from helpers import LATENT, Batches, fit, make, points, trainer
from lightning.pytorch import Trainer
from torch import nn
from two_ranks import leave_results, results_of_two_ranks

from gan_lightning import (
    DensityScatter,
    GeneratorEMA,
    HealthMonitor,
    LatentInterpolation,
    ModeHistogram,
    SampleGrid,
    TrainingCurves,
    TruncationGrid,
)
from gan_lightning.callbacks.drawing import Drawing

CENTERS = [[1.0, 0.0], [-1.0, 0.0]]
ALL: dict[str, Callable[[], Drawing]] = {
    "samples": lambda: SampleGrid(every=3, rows=2, columns=2),
    "interpolation": lambda: LatentInterpolation(every=3, ways=2, steps=3),
    "truncation": lambda: TruncationGrid(every=3, columns=2),
    "density": lambda: DensityScatter(every=3, points=8),
    "modes": lambda: ModeHistogram(CENTERS, 0.1, every=3, samples=50),
    "curves": lambda: TrainingCurves(every=3),
}
"""By the name of what they draw."""


class Talking(Official):
    """Logs its losses as people do."""

    def training_step(self, batch, batch_idx):
        super().training_step(batch, batch_idx)
        self.log_dict({"d_loss": 1.0 + batch_idx, "g_loss": 0.5})


def drawn(module: Any, *callbacks: Any, **arguments: Any) -> Any:
    data = points() if hasattr(module, "witnesses") else Batches(*batches_for(type(module)))
    fit(module, data, callbacks=list(callbacks), log_every_n_steps=1, **arguments)
    return module


def fresh(cls: type) -> Any:
    torch.manual_seed(1)
    return cls()


@pytest.mark.parametrize("name", ALL)
def test_training_does_not_notice(name: str, tmp_path: Path) -> None:
    with_it, without = drawn(make(), ALL[name](), default_root_dir=tmp_path), drawn(make())
    for key, tensor in without.state_dict().items():
        assert torch.equal(tensor, with_it.state_dict()[key]), key
    assert (tmp_path / f"{name}.png").is_file()


@pytest.mark.parametrize("cls", FOREIGN)
def test_nor_does_a_module_of_another_make(cls: type, tmp_path: Path) -> None:
    callbacks = [make() for name, make in ALL.items() if name != "curves"]
    watching = [*callbacks[:3], GeneratorEMA(), HealthMonitor(every=64, samples=64), *callbacks[3:]]
    with_it, without = drawn(fresh(cls), *watching, default_root_dir=tmp_path), drawn(fresh(cls))
    for key, tensor in without.state_dict().items():
        assert torch.equal(tensor, with_it.state_dict()[key]), key
    for name in ALL.keys() - {"curves"}:
        assert (tmp_path / f"{name}.png").is_file(), name
    assert not any(part._forward_pre_hooks for part in with_it.modules())


def test_curves_of_another_make_are_known_by_their_names(tmp_path: Path) -> None:
    curves = TrainingCurves(every=3)
    drawn(fresh(Talking), curves, default_root_dir=tmp_path)
    assert (tmp_path / "curves.png").is_file()
    assert curves.state_dict()["values"]["d_loss"] == {at: float(at) for at in range(1, 7)}


@pytest.mark.parametrize("name", ALL)
def test_a_failure_in_the_middle_is_told_once_and_training_goes_on(name: str, tmp_path: Path) -> None:
    callback, gan = ALL[name](), make()
    callback.every = 1

    class Broken(type(callback)):  # type: ignore[misc]
        def draw(self, *_: Any) -> Any:
            raise OSError("disk is away")

    callback.__class__ = Broken
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        drawn(gan, callback, default_root_dir=tmp_path)
    assert [str(each.message) for each in told if "disk is away" in str(each.message)] == [
        "Broken could not draw a picture: OSError: disk is away (training goes on; this is told once)"
    ]
    assert gan.iteration == 4


@pytest.mark.parametrize("name", ["samples", "interpolation", "truncation", "density", "modes"])
def test_what_cannot_be_drawn_is_refused_at_the_start(name: str) -> None:
    gan = make(generator=nn.Linear(LATENT, 5), discriminator=nn.Linear(5, 1))
    with pytest.raises(ValueError, match=r"\(5,\)|\(50, 5\)"):
        fit(gan, Batches(torch.randn(8, 5)), callbacks=[ALL[name]()])
    assert gan.iteration == 0


@pytest.mark.parametrize("name", ["samples", "interpolation", "truncation", "density", "modes"])
def test_a_module_without_a_generator_is_refused_at_the_start(name: str) -> None:
    from lightning.pytorch.demos.boring_classes import BoringModel

    with pytest.raises(ValueError, match="BoringModel has no network with the name of a generator"):
        fit(BoringModel(), callbacks=[ALL[name]()])


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="every must be at least 1"):
        TrainingCurves(every=0)
    with pytest.raises(ValueError, match="ways >= 1 and steps >= 2"):
        LatentInterpolation(steps=1)
    with pytest.raises(ValueError, match="psi of 0 or more"):
        TruncationGrid(psi=[-1.0])
    with pytest.raises(ValueError, match="points must be at least 1"):
        DensityScatter(points=0)
    with pytest.raises(ValueError, match="both centers and sigma"):
        ModeHistogram(sigma=0.1)
    with pytest.raises(ValueError, match=r"centers' shape \(3,\), but the generator makes \(2,\): give it the centers"):
        fit(make(), points(), callbacks=[ModeHistogram([[0.0, 0.0, 0.0]], sigma=0.1)])


@pytest.fixture(scope="module")
def two_ranks(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    return results_of_two_ranks(__file__, tmp_path_factory.mktemp("ranks"))


def test_two_ranks_write_once(two_ranks: list[dict[str, Any]]) -> None:
    first, second = two_ranks
    assert first["printed"] == len(ALL) + 1  # and the film
    assert second["printed"] == 0
    assert torch.equal(first["weights"], second["weights"])


def train_on_two_ranks() -> None:
    from contextlib import redirect_stdout
    from io import StringIO
    from sys import argv

    said, gan = StringIO(), make()
    with redirect_stdout(said):
        callbacks = [callback() for callback in ALL.values()]
        run: Trainer = trainer(
            devices=2, strategy="ddp", callbacks=callbacks, default_root_dir=argv[1], log_every_n_steps=1
        )
        run.fit(gan, points())
    names = (*(name.capitalize() for name in ALL), "Film")
    printed = sum(said.getvalue().count(f"{name}: ") for name in names)
    leave_results({"printed": printed, "weights": torch.cat([p.detach().flatten() for p in gan.parameters()])})


if __name__ == "__main__":
    train_on_two_ranks()
