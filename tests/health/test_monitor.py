"""``HealthMonitor`` as its user meets it."""

from pathlib import Path

import pytest
import torch
from foreign_modules import Official
from helpers import InterruptError, fit, make, points, trainer, weights
from lightning.pytorch import Callback
from lightning.pytorch.callbacks import ProgressBar, RichProgressBar, TQDMProgressBar
from lightning.pytorch.demos.boring_classes import BoringModel
from watched import BATCH, CALIBRATION, EVERY, SETTINGS, Says, healthy, heard, monitor, run

from gan_lightning import health
from gan_lightning.callbacks import GANProgressBar
from gan_lightning.health import CollapseDetector, HealthMonitor, read_events
from gan_lightning.health.monitor import HealthMonitor as Base


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


class Second(HealthMonitor):
    pass


class Breaks(Callback):
    def __init__(self, after: int, error: type[BaseException] = InterruptError) -> None:
        self.after, self.error = after, error

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx) -> None:
        if batch_idx + 1 == self.after:
            raise self.error


@pytest.mark.parametrize("precision", ["32-true", "bf16-mixed"])
@pytest.mark.parametrize("make_module", [make, Official], ids=["own", "foreign"])
def test_watching_never_changes_the_weights(make_module, precision: str) -> None:
    ends = []
    for callbacks in ([], [HealthMonitor(**SETTINGS)], [HealthMonitor(**SETTINGS), CollapseDetector(**SETTINGS)]):
        torch.manual_seed(1)
        module, _ = run(*callbacks, module=make_module(), precision=precision)
        ends.append(weights(module))
        assert all(len(callback.history) > 3 for callback in callbacks)
    assert torch.equal(ends[0], ends[1])
    assert torch.equal(ends[0], ends[2])


def test_verdicts_can_be_asked_for_in_code() -> None:
    watching = monitor(Says("mode_collapse", 30, 40), Says("oscillation", 40, severity="warning"))
    assert (watching.verdicts, watching.is_healthy, len(watching.history)) == ((), True, 0)
    run(watching, iterations=75)
    assert list(watching.history.iterations) == [10, 20, 30, 40, 50, 60, 70]
    assert [verdict.kind for verdict in watching.verdicts] == ["oscillation"]
    assert watching.is_healthy
    found = [(verdict.kind, verdict.onset, end) for verdict, end in watching.episodes]
    assert found == [("mode_collapse", 30, 60), ("oscillation", 40, None)]


def test_a_failure_that_stands_is_no_health() -> None:
    watching = monitor(Says())
    run(watching)
    assert not watching.is_healthy


def test_a_verdict_is_told_once_and_in_full() -> None:
    with heard() as texts:
        run(monitor(Says("mode_collapse", 30, 50)), iterations=90)
    told, over, summary = texts
    for words in ("mode collapse since iteration 30", "failure", "it was told so", "a test", "1. look", "2. wait"):
        assert words in told
    assert over == "health: mode collapse is over, it lasted from iteration 30 to 70"
    assert "1 verdict in 9 checks over 90 iterations, none open" in summary


def test_a_warning_that_becomes_a_failure_is_told_again_with_its_first_onset() -> None:
    with heard() as texts:
        run(monitor(Says("divergence", 20, 40, "warning"), Says("divergence", 40)))
    assert [text.splitlines()[0].split()[-2] for text in texts[:2]] == ["warning", "failure"]
    assert "since iteration 20" in texts[1]


class ReadsBar(Callback):
    def __init__(self) -> None:
        self.shown: list[str] = []

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx) -> None:
        self.shown.append(trainer.progress_bar_callback.get_metrics(trainer, pl_module)["health"])


def rich_bar() -> ProgressBar:
    pytest.importorskip("rich", reason="Rich is not installed")
    return RichProgressBar()


@pytest.mark.parametrize("make_bar", [TQDMProgressBar, GANProgressBar, ProgressBar, rich_bar])
@pytest.mark.parametrize("error", [InterruptError, None], ids=["exception", "end"])
def test_the_bar_has_a_line_and_is_left_as_it_was(error: type[Exception] | None, make_bar) -> None:
    bar, reads, stop = make_bar(), ReadsBar(), [Breaks(45, error)] if error else []
    watching = monitor(Says("mode_collapse", 30))
    with pytest.raises(error) if error else heard():
        run(watching, CollapseDetector(**SETTINGS), reads, bar, *stop, enable_progress_bar=True)
    assert reads.shown[8::10][:4] == ["calibrating", "ok", "ok", "mode collapse since 30"]
    assert "get_metrics" not in vars(bar)


def test_the_end_is_told_however_a_run_ends() -> None:
    for error, name in ((InterruptError, "InterruptError"), (KeyboardInterrupt, "KeyboardInterrupt")):
        with heard() as texts, pytest.raises((error, SystemExit)):
            run(monitor(), Breaks(25, error))
        assert "nothing was found in 2 checks over 25 iterations" in texts[-1]
        last = read_events(".")[-1]
        assert (last["event"], last["ended"], last["iteration"]) == ("summary", name, 25)


def test_a_run_too_short_for_a_check_is_not_called_healthy() -> None:
    with heard() as texts:
        run(monitor(), iterations=5)
    assert texts == ["health: unknown, the run ended at iteration 5 before the first check (every=10)"]


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"every": 0}, ValueError, r"every=0\).*at least 1"),
        ({"samples": 63}, ValueError, r"samples=63\).*at least 64"),
        ({"detectors": []}, ValueError, "look for nothing"),
        ({"detectors": [HealthMonitor]}, TypeError, r"write HealthMonitor\(\)"),
        ({"detectors": ["mode_collapse"]}, TypeError, "'mode_collapse' is none"),
    ],
)
def test_senseless_wishes_are_refused(arguments, error, words) -> None:
    with pytest.raises(error, match=words):
        HealthMonitor(**arguments)


def test_too_few_batches_between_checks_are_refused_at_the_first() -> None:
    with pytest.raises(ValueError, match=r"needs 16 batches of 32.*there are 10.*every=16 or more, or samples=320"):
        fit(make(), points(32, 30), callbacks=[HealthMonitor([healthy()], every=10)])


def test_a_module_that_is_no_gan_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match=r"generator|discriminator"):
        trainer(callbacks=[HealthMonitor()]).fit(BoringModel())


def test_validation_alone_does_nothing() -> None:
    class Validated(Official):
        def validation_step(self, batch):
            self.log("loss", batch.mean())

    with heard() as texts:
        trainer(callbacks=[monitor()]).validate(Validated(), points(), verbose=False)
    assert texts == []
    assert not Path("health.jsonl").exists()


def test_several_monitors_share_a_run_and_do_not_repeat_each_other() -> None:
    ends = {"begin": 30, "end": 31}
    first, second = monitor(Says(**ends)), Second([Says(**ends), Says("oscillation", 30)], **SETTINGS)
    assert first.state_key != second.state_key
    with heard() as texts:
        run(first, second, iterations=80)
    assert sum("is over" in text for text in texts) == 1
    told = [text.splitlines()[0] for text in texts if text.startswith("----")]
    assert len(told) == 2
    assert "mode collapse" in told[0]
    assert "oscillation" in told[1]
    events = read_events(".")
    assert [event["monitor"] for event in events if event["event"] == "start"] == ["HealthMonitor", "Second"]
    assert first.history.last("d/rank_accuracy", 9) == second.history.last("d/rank_accuracy", 9)


def test_a_monitor_starts_anew_with_another_run() -> None:
    watching = monitor(Says())
    run(watching)
    run(watching, iterations=20, seed=3)
    assert list(watching.history.iterations) == [10, 20]
    assert watching.is_healthy
    assert read_events(".")[-1]["checks"] == 2


def test_only_the_batches_before_a_check_are_looked_at() -> None:
    looked = []

    class Looks(Callback):
        def on_before_optimizer_step(self, trainer, pl_module, optimizer) -> None:
            if pl_module.witnesses and (at := trainer.fit_loop.epoch_loop.total_batch_idx) not in looked:
                looked.append(at)

    run(HealthMonitor([healthy()], every=20, samples=64), Looks())
    assert looked == [*range(CALIBRATION), *range(15, 20), *range(35, 40), *range(55, 60)]
    looked.clear()
    run(HealthMonitor([healthy()], every=20, samples=8 * BATCH), Looks())
    assert looked == [*range(CALIBRATION), *range(12, 20), *range(32, 40), *range(52, 60)]


def test_what_it_holds_is_bounded() -> None:
    watching = monitor(samples=128)
    held = []

    class Weighs(Callback):
        def on_train_batch_end(self, *_) -> None:
            state = watching.state_dict()["observer"]["collector"]
            held.append(sum(x.nbytes for parts in state["kept"][0].values() for x in parts))

    module = make()
    fit(module, points(2000, 40), callbacks=[watching, Weighs()])
    rows = 2 * 2 + 3  # real and fake points; two logits and a signal
    assert max(held[3:]) <= 128 * rows * 4 * 2
    assert max(held) <= 4096 * rows * 4 + 4096


def test_named_monitors_look_for_what_their_name_says() -> None:
    named = [each for each in vars(health).values() if isinstance(each, type) and issubclass(each, Base)]
    assert len(named) == 8
    assert len({each().state_key for each in named}) == len(named)
    for each in named:
        assert each.looks_for or each is HealthMonitor
        run(each(**SETTINGS), iterations=EVERY + 2)


def test_what_a_gan_of_this_package_tells_is_the_same_with_and_without_lightnings_dispatch() -> None:
    class Hooks(Callback):
        """Makes each backward and step go through Lightning."""

        def on_before_backward(self, trainer, pl_module, loss) -> None:
            pass

    class Losses(Says):
        def measure(self, window):
            names = ("d_loss", "g_loss", "d_gradient", "g_gradient", "signal")
            return {name: getattr(window, name).mean() for name in names}

    found = []
    for others in ([], [Hooks()]):
        watching = monitor(Losses(begin=10**9))
        run(watching, *others, module=make(clip_d=1e-3, clip_g=1e-3))
        found.append(watching.history.state_dict())
    assert found[0] == found[1]
    assert all(value > 0 for values in found[0]["values"].values() for value in values)
    assert min(found[0]["values"]["d_gradient"]) > 1e-3
