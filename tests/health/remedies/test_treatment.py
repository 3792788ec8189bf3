"""What a user sees of a treatment: events, text, logged shares, the summary; and nothing where nothing is asked for."""

from pathlib import Path
from typing import Any

import pytest
import torch
from helpers import fit, make, weights
from lightning.pytorch import Callback
from lightning.pytorch.loggers import CSVLogger
from treated_runs import Halt, Planted, data, same

from gan_lightning.health import HealthMonitor, publish, read_events
from gan_lightning.health.remedies.clip_gradients import ClipAtUsualNorm
from gan_lightning.health.remedies.ladder import Ladder
from gan_lightning.health.remedies.zero_centered_penalties import ZeroCenteredPenalties


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def watched(remedies: Any, *spans: tuple[int, int], batches: int = 240, **arguments: Any) -> Any:
    gan = make()
    monitor = HealthMonitor([Planted("mode_collapse", *spans)], every=20, samples=64, remedies=remedies)
    fit(gan, data(), callbacks=[monitor, Halt(batches)], max_epochs=-1, **arguments)
    return gan, monitor


def test_what_was_done_is_told_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(publish, "announce", lambda trainer, text, level=None: said.append(text))
    ladder = Ladder({"mode_collapse": [ZeroCenteredPenalties(gamma=0.1)]}, patience=20)
    watched(ladder, (200, 240), logger=CSVLogger(tmp_path, name="run"), log_every_n_steps=1)
    folder = next(tmp_path.rglob("health.jsonl")).parent
    told = [event for event in read_events(folder) if event["event"] == "remedy"]
    assert [(event["iteration"], event["doing"], event["remedy"]) for event in told] == [
        (200, "applied", "R1 + R2"),
        (220, "gave up", ""),
    ]
    assert told[0]["change"]["after"] == "0.1"
    assert read_events(folder)[-1]["active"] == {"R1 + R2": pytest.approx(40 / 240)}
    assert "health/active/R1 + R2" in (folder / "metrics.csv").read_text()
    assert "200: applied R1 + R2 against mode collapse: gamma of R1 + R2: 0 -> 0.1" in "\n".join(said)
    assert "R1 + R2 was active in 17% of the iterations" in "\n".join(said)


def test_advice_changes_nothing() -> None:
    left_alone = weights(watched(None, (200, 240))[0])
    advised, monitor = watched("advise", (200, 240))
    assert torch.equal(weights(advised), left_alone)
    assert monitor.remedies.course.uses["R1 + R2"] == 1
    treated, _ = watched("ladder", (200, 240))
    assert not torch.equal(weights(treated), left_alone)


def test_a_ladder_at_hand_changes_nothing_while_all_is_well() -> None:
    left_alone, at_hand = watched(None)[0], watched("ladder")[0]
    assert torch.equal(weights(left_alone), weights(at_hand))


def test_wrong_use() -> None:
    with pytest.raises(ValueError, match="'ladder', 'advise', a Ladder or None, got 'lader'"):
        HealthMonitor(remedies="lader")
    with pytest.raises(TypeError, match="got 3"):
        HealthMonitor(remedies=3)


class Listens(Callback):
    """Brings a GAN onto Lightning's own way of a backward and a step."""

    def on_before_zero_grad(self, *_: Any) -> None:
        pass


REMEDIES = {
    "penalties": lambda: ZeroCenteredPenalties(gamma=2.0),
    "lazy penalties": lambda: ZeroCenteredPenalties(gamma=2.0, every=2),
    "clipping": lambda: ClipAtUsualNorm(times=1.0),
}


@pytest.mark.parametrize("name", REMEDIES)
def test_remedies_act_the_same_on_both_ways_to_a_step(name: str) -> None:
    def end(*callbacks: Callback) -> tuple[Any, bool, dict[str, Any]]:
        gan = make()
        ladder = Ladder({"mode_collapse": [REMEDIES[name]()]})
        monitor = HealthMonitor([Planted("mode_collapse", (200, 240))], every=20, samples=64, remedies=ladder)
        fit(gan, data(), callbacks=[monitor, Halt(240), *callbacks], max_epochs=-1)
        assert not gan.witnesses
        return weights(gan), gan._player_d._direct, monitor.history.state_dict()

    short, is_short, told_short = end()
    long, is_long, told_long = end(Listens())
    assert (is_short, is_long) == (True, False)
    assert torch.equal(short, long)
    assert same(told_short, told_long)
    assert not torch.equal(short, weights(watched(None)[0]))
