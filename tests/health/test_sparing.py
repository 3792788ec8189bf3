"""What goes wrong in watching is told, and does not end a training that has gone well so far."""

import pickle
from pathlib import Path

import pytest
import torch
from foreign_modules import LATENT, Official
from helpers import Batches, fit, points, weights
from watched import BATCH, EVERY, Says, monitor, run

from gan_lightning.health import HealthMonitor
from gan_lightning.health.events import FILE
from gan_lightning.health.sparing import EARLY

LATE = EARLY + 20


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


class BreaksAt:
    """An embedder that fails from a batch on."""

    def __init__(self, call: int) -> None:
        self.call, self.calls = call, 0

    def __call__(self, x):
        self.calls += 1
        if self.calls >= 2 * self.call:
            raise RuntimeError("no memory left")
        return x.flatten(1)


class Breaks(Says):
    def __init__(self, part: str, after: int) -> None:
        super().__init__(begin=10**9)
        self.part, self.after, self.checks = part, after, 0

    def measure(self, window):
        self.checks += 1
        self._break("measure")
        return super().measure(window)

    def judge(self, history):
        self._break("judge")
        return super().judge(history)

    def _break(self, part: str) -> None:
        if self.part == part and self.checks > self.after:
            raise KeyError("a bug")


def plain(iterations: int, cls: type = Official):
    torch.manual_seed(1)
    return weights(run(module=cls(), iterations=iterations)[0])


def watched(watching: HealthMonitor, iterations: int, cls: type = Official):
    torch.manual_seed(1)
    return weights(run(watching, module=cls(), iterations=iterations)[0])


def test_an_error_in_reading_is_raised_in_the_first_batches() -> None:
    with pytest.raises(RuntimeError, match="no memory left"):
        run(monitor(embedder=BreaksAt(3)), module=Official())


def test_an_error_in_reading_later_costs_the_watching_alone() -> None:
    watching = monitor(embedder=BreaksAt(LATE))
    blind = pytest.warns(UserWarning, match="no generated or no real samples before the 3 checks")
    with blind, pytest.warns(UserWarning, match="could not read a batch: RuntimeError: no memory left"):
        end = watched(watching, 150)
    assert torch.equal(end, plain(150))
    assert 3 < len(watching.history) < 14


@pytest.mark.parametrize("part", ["measure", "judge"])
def test_a_detectors_error_is_raised_at_the_first_check_and_told_later(part: str) -> None:
    with pytest.raises(KeyError, match="a bug"):
        run(monitor(Breaks(part, 0)))
    with pytest.warns(UserWarning, match="could not check: KeyError"):
        end = watched(monitor(Breaks(part, 2)), 80)
    assert torch.equal(end, plain(80))


def test_a_file_that_cannot_be_written_is_told_once() -> None:
    Path(FILE).mkdir()
    watching = monitor()
    with pytest.warns(UserWarning, match=r"cannot keep what HealthMonitor finds in .*health\.jsonl") as told:
        run(watching)
    assert len([each for each in told if "cannot keep" in str(each.message)]) == 1
    assert len(watching.history) > 3


@pytest.mark.parametrize("embedder", [lambda x: x.mean(), lambda x: x[0], lambda x: 3])
def test_an_embedder_that_returns_no_vectors_is_refused(embedder) -> None:
    with pytest.raises((TypeError, ValueError), match=r"embedder returned a .*expected .*vectors \(N, D\)"):
        run(monitor(embedder=embedder))


def test_samples_that_differ_in_size_want_an_embedder() -> None:
    lengths = [lambda x: x, lambda x: torch.cat([x, x], 1)]
    calls = iter(range(100))
    with pytest.raises(ValueError, match=r"length 4, and 2 before.*set embedder"):
        run(monitor(embedder=lambda x: lengths[next(calls) // 2 % 2](x)))


class Bytes(Official):
    """Gets points as bytes, and scales them."""

    def training_step(self, batch, batch_idx):
        return super().training_step(batch.float() / 32 - 4, batch_idx)


def test_bytes_are_samples() -> None:
    x = [(32 * (each + 4)).clamp(0, 255).byte() for each in points(BATCH, 40)]
    watching = monitor()
    fit(Bytes(), Batches(*x), callbacks=[watching])
    assert len(watching.history) > 2
    assert all(value == value for value in watching.history.last("d/rank_accuracy", 2))


class NeverAsks(Official):
    """Its discriminator is not there yet."""

    def training_step(self, batch, batch_idx):
        optimizer, _ = self.optimizers()
        optimizer.zero_grad()
        self.manual_backward(self(torch.randn(len(batch), LATENT)).square().mean())
        optimizer.step()


def test_a_monitor_that_sees_nothing_says_so_once_and_looks_less() -> None:
    watching = monitor(every=50)
    with pytest.warns(
        UserWarning, match=r"looked at 200 batches and recognised no real samples.*discriminator="
    ) as told:
        run(watching, module=NeverAsks(), iterations=300)
    assert len([each for each in told if "HealthMonitor" in str(each.message)]) == 1
    assert watching._observer.looks == 200 + 10


class Numbers(torch.nn.Module):
    """Makes numbers, (N,), or judges them."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(inputs, 1)

    def forward(self, x):
        return self.layer(x[:, None] if x.ndim == 1 else x)[:, 0]


class Scalars(Official):
    def __init__(self) -> None:
        super().__init__()
        self.generator, self.discriminator = Numbers(LATENT), Numbers(1)

    def training_step(self, batch, batch_idx):
        return super().training_step(batch[:, 0].contiguous(), batch_idx)


def test_samples_may_be_single_numbers() -> None:
    watching = monitor()
    fit(Scalars(), points(BATCH, 40), callbacks=[watching])
    assert len(watching.history) > 2


def test_a_monitor_can_be_pickled_after_a_fit() -> None:
    watching = monitor()
    run(watching, module=Official())
    assert watching._observer.probe.record.judgements == []
    assert pickle.loads(pickle.dumps(watching.state_dict()))["judge"]["checks"] == len(watching.history)


def test_every_is_asked_for_where_no_number_of_samples_would_do() -> None:
    with pytest.raises(ValueError, match=r"set every=16 or more$"):
        fit(Official(), points(4, 30), callbacks=[monitor(every=EVERY)])
