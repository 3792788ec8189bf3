"""Runs judged after the fact, from numbers that were really logged or planted, and modules that are tried out."""

import csv
from math import inf, nan, sin
from pathlib import Path

import pytest
import torch
from foreign_modules import LATENT, Official, RawBackward, batches_for
from helpers import Batches, fit, make
from lightning.pytorch.loggers import CSVLogger
from torch import nn

from gan_lightning.health import Detector, HealthMonitor, Verdict
from gan_lightning.health.diagnosis import diagnosis_of, examination_report, examine, report
from gan_lightning.health.diagnosis.chart import chart
from gan_lightning.health.diagnosis.losses import LossDominance


def table(folder: Path, rows: list[dict]) -> Path:
    file = folder / "metrics.csv"
    with open(file, "w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder


def losses(folder: Path, course, count: int = 60) -> Path:
    noise = [1 + 0.1 * sin(i) for i in range(count)]
    pairs = [[loss * noise[i] for loss in course(i)] for i in range(count)]
    return table(folder, [{"step": 50 * i, "d_loss": d, "g_loss": g} for i, (d, g) in enumerate(pairs)])


def kinds(diagnosis) -> list:
    return [episode.verdict.kind for episode in diagnosis.episodes]


def test_healthy_losses_find_nothing_and_say_what_they_cannot_tell(tmp_path: Path) -> None:
    found = diagnosis_of(losses(tmp_path, lambda i: (1.3 + 0.01 * (i % 7), 0.8 + 0.02 * (i % 5))))
    assert kinds(found) == []
    text = report(found)
    assert "nothing was found in the losses" in text
    assert "mode collapse" in text
    assert "HealthMonitor()" in text
    assert text.isascii()


def test_a_discriminator_that_wins_shows_in_the_losses(tmp_path: Path) -> None:
    found = diagnosis_of(losses(tmp_path, lambda i: (1.3, 0.8) if i < 30 else (0.01, 8.0)))
    assert kinds(found) == ["discriminator_dominates"]
    (episode,) = found.episodes
    assert (episode.verdict.severity, episode.verdict.onset, episode.end) == ("failure", 1600, None)


def test_negative_losses_of_a_critic_are_not_judged_by_their_height(tmp_path: Path) -> None:
    assert kinds(diagnosis_of(losses(tmp_path, lambda i: (-2.0 if i < 30 else 0.01, 8.0)))) == []


@pytest.mark.parametrize("broken", [nan, inf, -inf])
def test_losses_that_are_no_numbers(tmp_path: Path, broken: float) -> None:
    found = diagnosis_of(losses(tmp_path, lambda i: (1.3, 0.8 if i < 20 else broken)))
    assert kinds(found)[0] == "divergence"
    assert found.failures[0].onset == 1100
    assert "x" in report(found)


def test_the_losses_can_be_named(tmp_path: Path) -> None:
    rows = [{"step": 50 * i, "judge": 0.01 + 0.001 * (i % 3), "maker": 8.0 + i} for i in range(20)]
    table(tmp_path, rows)
    with pytest.raises(ValueError, match=r"judge, maker; none of them .* --d_loss NAME"):
        diagnosis_of(tmp_path)
    assert kinds(diagnosis_of(tmp_path, d_loss="judge", g_loss="maker")) == ["discriminator_dominates"]
    with pytest.raises(ValueError, match="no 'jugde'; it has judge, maker"):
        diagnosis_of(tmp_path, d_loss="jugde")


def test_parts_of_a_loss_are_added(tmp_path: Path) -> None:
    rows = [{"step": 100 * i, "loss_d_real": 0.5, "loss_d_fake": 0.25, "loss_g": 1.0} for i in range(9)]
    found = diagnosis_of(table(tmp_path, rows))
    assert found.sources["d/loss"] == "loss_d_real + loss_d_fake"
    assert set(found.checks.series["d/loss"].values()) == {0.75}


class Alarm(Detector):
    """Speaks while the fakes' spread is above a threshold."""

    kind = "oscillation"

    def __init__(self, threshold: float = 0.0) -> None:
        self.threshold = threshold

    def measure(self, window):
        return {"alarm/spread": window.fake.std()}

    def judge(self, history):
        if not history.now("alarm/spread") > self.threshold:
            return None
        now = {"alarm/spread": history.now("alarm/spread")}
        return Verdict(self.kind, "failure", history.iteration, history.iteration, now, "spread", "planted")


def monitored(tmp_path: Path, detector: Detector):
    monitor = HealthMonitor([detector], every=10, samples=64)
    run = fit(
        make(), Batches(*torch.randn(60, 64, 2)), callbacks=[monitor], logger=CSVLogger(tmp_path), max_epochs=1,
        log_every_n_steps=1,
    )  # fmt: skip
    return monitor, Path(run.logger.log_dir)


def test_a_monitored_run_is_judged_again_as_it_was(tmp_path: Path) -> None:
    monitor, folder = monitored(tmp_path, Alarm())
    found = diagnosis_of(tmp_path, [Alarm()])
    assert found.log.path == folder / "health.jsonl"
    assert found.checks.series["alarm/spread"] == dict(
        zip(monitor.history.iterations, monitor.history.last("alarm/spread", 99), strict=True)
    )
    assert [(e.verdict, e.end) for e in found.episodes] == [(e.verdict, e.end) for e in monitor.episodes]
    assert diagnosis_of(tmp_path, [Alarm(threshold=1e9)]).episodes == []


def test_what_only_the_runs_own_monitor_knew_is_told(tmp_path: Path) -> None:
    _, folder = monitored(tmp_path, Alarm())
    from_events = diagnosis_of(folder)
    assert "oscillation" in kinds(from_events)
    assert from_events.failures[-1].cause == "planted"
    (folder / "health.jsonl").unlink()
    from_columns = diagnosis_of(folder)
    assert from_columns.log.path == folder / "metrics.csv"
    assert from_columns.checks.series["alarm/spread"].keys() == from_events.checks.series["alarm/spread"].keys()
    assert "oscillation" in kinds(from_columns)


def test_other_runs_are_named_and_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"holds no log of a run: looked for health\.jsonl"):
        diagnosis_of(tmp_path)
    with pytest.raises(ValueError, match="there is no"):
        diagnosis_of(tmp_path / "nowhere")
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        losses(tmp_path / name, lambda i: (1.3, 0.8), count=4)
    found = diagnosis_of(tmp_path)
    assert len(found.others) == 1
    assert f"other runs, older, not read\n  {found.others[0]}" in report(found)


def test_chart_is_ascii_of_bounded_width() -> None:
    assert len(chart([float(i) for i in range(1000)])) == 48
    assert chart([1.0]) == " "
    assert chart([nan]) == "x"


def test_dominance_needs_both_losses() -> None:
    from gan_lightning.health import History

    history = History()
    for check in range(5):
        history.add(100 * check, {"d/loss": 0.01, "g/loss": nan})
    assert LossDominance().judge(history) is None


def loader(cls=Official, n: int = 32, count: int = 20) -> Batches:
    return Batches(*batches_for(cls, n, count))


@pytest.mark.parametrize("cls", [Official, RawBackward])
def test_examination_of_a_strangers_module(cls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    seen = examine(cls(), loader(cls), 120, accelerator="cpu")
    calls = seen.observed.calls
    assert seen.taken == 120
    assert calls["real"] > 0
    assert calls["fake"] > 0
    assert calls["unknown"] == 0
    assert seen.mistakes == []
    text = examination_report(seen)
    assert text.isascii()
    generator = "netG" if cls is RawBackward else "generator"
    assert f"{generator} (Sequential)" in text
    assert "lr 0.01" in text
    assert list(tmp_path.iterdir()) == []


class Images(Official):
    def __init__(self, end: nn.Module) -> None:
        super().__init__()
        self.generator = nn.Sequential(nn.Linear(LATENT, 64), end, nn.Unflatten(1, (1, 8, 8)))
        self.discriminator = nn.Sequential(nn.Flatten(), nn.Linear(64, 1))


def mistakes_with(module, batches) -> list[str]:
    return [mistake.text for mistake in examine(module, batches, 20, accelerator="cpu").mistakes]


def test_samples_in_another_range_than_the_data() -> None:
    unit = Batches(*torch.rand(20, 32, 1, 8, 8))
    centred = Batches(*(torch.rand(20, 32, 1, 8, 8) * 2 - 1))
    (text,) = mistakes_with(Images(nn.Tanh()), unit)
    assert "scale the data to [-1, 1]" in text
    (text,) = mistakes_with(Images(nn.Sigmoid()), centred)
    assert "end the generator in a tanh" in text
    (text,) = mistakes_with(Images(nn.Tanh()), Batches(*(torch.rand(20, 32, 1, 8, 8) * 255)))
    assert "scale the data" in text
    assert mistakes_with(Images(nn.Sigmoid()), unit) == mistakes_with(Images(nn.Tanh()), centred) == []


class Detached(Official):
    def forward(self, z):
        return self.generator(z).detach() + 0 * self.generator(z)


def test_a_gradient_that_never_reaches_the_generator() -> None:
    seen = examine(Detached(), loader(), 40, accelerator="cpu")
    assert any("gradient is zero" in failure for failure in seen.failures)


class Silent(Official):
    def training_step(self, batch, batch_idx):
        optimizer_g, _ = self.optimizers()
        self.manual_backward(self(self.latents(batch)).square().mean())
        optimizer_g.step()


class Fragile(Official):
    def training_step(self, batch, batch_idx):
        raise KeyError("image")


@pytest.mark.parametrize(
    ("module", "data", "complaint"),
    [
        (Official(), Batches(), "the data are empty"),
        (Silent(), loader(), "discriminator"),
        (
            Fragile(),
            loader(),
            r"Fragile failed before its first batch was done: KeyError: 'image' \(.*in training_step",
        ),
    ],
)
def test_wrong_use_is_one_sentence(module, data, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        examine(module, data, 20, accelerator="cpu")
