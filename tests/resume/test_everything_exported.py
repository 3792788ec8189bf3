"""Whatever is exported goes on after an interruption in the middle of an epoch as if there had been none."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from callbacks_resuming import Seeds
from foreign_modules import Official
from health.test_resume import same
from helpers import InterruptError, make, trainer, weights
from lightning.pytorch import Callback
from resume import exported
from treatment import Treatment

import gan_lightning
from gan_lightning import GAN, R1, callbacks, gans, health, mixins
from gan_lightning.data import TensorData
from gan_lightning.health import HealthMonitor, detectors, remedies

ROOT = Path(gan_lightning.__file__).parents[1]


class Stops(Callback):
    """Save after so many batches, and end the run there."""

    def __init__(self, batches: int, file: Path) -> None:
        self.batches, self.file = batches, file

    def on_train_batch_end(self, trainer: Any, *_: Any) -> None:
        if trainer.fit_loop.total_batch_idx + 1 == self.batches:
            trainer.save_checkpoint(self.file)
            raise InterruptError


def play(module: Any, *watching: Callback, n: int = 8, batches: int = 5, seed: int = 2, **resume: Any) -> Any:
    """Train for two epochs, and return what shall be the same."""
    samples = torch.randn(n * batches, 2, generator=torch.Generator().manual_seed(0))
    more = [Seeds()] if isinstance(module, Official) else []
    shows = any(isinstance(callback, callbacks.GANProgressBar) for callback in watching)
    torch.manual_seed(seed)
    run = trainer(max_epochs=2, callbacks=[*more, *watching], enable_progress_bar=shows)
    run.fit(module, TensorData(samples, batch_size=n, seed=3), **resume)
    return {
        "weights": weights(module),
        "optimizers": [optimizer.state_dict()["state"] for optimizer in run.optimizers],
        "callbacks": [callback.state_dict() for callback in watching],
    }


def compare(make_module: Callable[[], Any], make_watching: Callable[[], list], stops: list[int], **size: int) -> None:
    def module() -> Any:
        torch.manual_seed(1)
        return make_module()

    straight = play(module(), *make_watching(), **size)
    for stop in stops:
        with pytest.raises(InterruptError):
            play(module(), *make_watching(), Stops(stop, Path("x.ckpt")), **size)
        resumed = play(module(), *make_watching(), ckpt_path="x.ckpt", weights_only=True, seed=99, **size)
        assert [what for what in straight if not same(straight[what], resumed[what])] == [], stop


@pytest.mark.filterwarnings("ignore:.*RankAgreement")
@pytest.mark.parametrize("name", callbacks.__all__)
def test_callbacks(name: str) -> None:
    module, callback = exported.CALLBACKS[name]
    compare(module, lambda: [callback()], [3, 7])


@pytest.mark.filterwarnings("ignore:this checkpoint was trained with the loss RelativisticPaired")
@pytest.mark.parametrize(
    "name", [name for name in remedies.__all__ if name not in exported.NO_REMEDIES | set(exported.ELSEWHERE)]
)
def test_remedies(name: str) -> None:
    module, remedy = exported.REMEDIES[name]
    compare(module, lambda: [Treatment(remedy(), first=2, end=8)], [2, 4, 7])


@pytest.mark.parametrize("name", exported.ELSEWHERE)
def test_the_other_remedies_are_tried_where_it_is_said(name: str) -> None:
    text = (ROOT / exported.ELSEWHERE[name]).read_text()
    assert f"{name}(" in text
    assert "ckpt_path=" in text


def test_detectors_and_monitors() -> None:
    """All at once: each has its own numbers in the history, and its own cases."""
    kinds = [name for name in detectors.__all__ if name != "default_detectors"]
    settings: dict[str, Any] = {"every": 4, "samples": 64, "held_out": exported.held_out()}

    def watching() -> list[Callback]:
        all_of_them = [getattr(detectors, kind)(**exported.DETECTORS.get(kind, {})) for kind in kinds]
        names = [name for name in health.__all__ if _is_monitor(getattr(health, name)) and name != "HealthMonitor"]
        return [HealthMonitor(all_of_them, **settings), *(getattr(health, name)(**settings) for name in names)]

    compare(make, watching, [13, 20, 33], n=256, batches=20)


def _is_monitor(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, HealthMonitor)


@pytest.mark.parametrize("name", exported.OPTIMIZERS)
def test_optimizers(name: str) -> None:
    built = exported.OPTIMIZERS[name]
    compare(lambda: make(optimizer_d=built, optimizer_g=built), list, [3, 7])


class BreaksOff(GAN):
    """Fails once, between the parts of an accumulation."""

    breaks_at = 10**9
    calls = 0

    def discriminate(self, x: Any, label: Any) -> Any:
        self.calls += self.training and self.iteration == 6 and hasattr(self, "_player_d")
        if self.calls == self.breaks_at:
            raise InterruptError
        return super().discriminate(x, label)


@pytest.mark.parametrize("broken_off", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("technique", [GAN, R1])
def test_an_update_that_was_broken_off_between_its_parts_is_done_again(technique: type[GAN], broken_off: int) -> None:
    """Nothing is saved within a batch, so a run goes on from the batch before."""

    class Saves(Callback):
        def on_train_batch_end(self, trainer: Any, *_: Any) -> None:
            trainer.save_checkpoint("x.ckpt")

    def module(breaks_at: int = 10**9) -> GAN:
        gan = make(type("Fragile", (BreaksOff, *([technique] if technique is R1 else [])), {}), micro_batches_d=2,
                   micro_batches_g=4, d_steps=1)  # fmt: skip
        gan.breaks_at = breaks_at
        return gan

    with pytest.raises(InterruptError):
        play(module(broken_off), Saves())
    straight, resumed = play(module()), play(module(), ckpt_path="x.ckpt", weights_only=True, seed=99)
    assert same(straight, resumed)


def test_everything_has_its_case() -> None:
    """Mixins are tried in ``tests/contract/test_state.py``, whatever ``mixins`` exports."""
    monitors = {name for name in gan_lightning.__all__ if _is_monitor(getattr(gan_lightning, name))}
    tried = set(exported.CALLBACKS) | set(exported.OPTIMIZERS) | set(mixins.__all__) | set(gans.__all__) | monitors
    assert set(gan_lightning.__all__) - tried == exported.NOTHING_TO_RESUME
    assert set(callbacks.__all__) == set(exported.CALLBACKS)
    assert set(remedies.__all__) == set(exported.REMEDIES) | set(exported.ELSEWHERE) | exported.NO_REMEDIES
    assert monitors == {name for name in health.__all__ if _is_monitor(getattr(health, name))}
