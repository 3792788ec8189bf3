"""People get one alert about one thing, and are told how many more there were."""

from types import SimpleNamespace
from typing import Any

import pytest

from gan_lightning.logging import alert, limit_alerts


class Mail:
    """A logger that sends alerts, and can be away."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.experiment = SimpleNamespace(alert=lambda title, text: self.sent.append((title, text)))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    now = SimpleNamespace(minutes=0.0)
    monkeypatch.setattr("time.monotonic", lambda: 60 * now.minutes)
    return now


def trainer_with(*loggers: Any) -> Any:
    return SimpleNamespace(is_global_zero=True, loggers=list(loggers))


def test_one_alert_about_one_thing_in_half_an_hour(clock: Any) -> None:
    mail = Mail()
    trainer = trainer_with(mail)
    for clock.minutes, subject in (
        (0, "collapse"),
        (1, "collapse"),
        (2, "divergence"),
        (29, "collapse"),
        (31, "collapse"),
    ):
        alert(trainer, f"{subject} at {clock.minutes}", "look", subject=subject)
    assert mail.sent == [
        ("collapse at 0", "look"),
        ("divergence at 2", "look"),
        ("collapse at 31", "look\n(2 more about it since the last alert)"),
    ]


def test_the_limit_is_set_per_logger(clock: Any) -> None:
    often, seldom = Mail(), Mail()
    limit_alerts(trainer_with(often), 0)
    for clock.minutes in range(3):
        alert(trainer_with(often, seldom), "collapse", "look")
    assert (len(often.sent), len(seldom.sent)) == (3, 1)


def test_other_ranks_say_nothing() -> None:
    mail = Mail()
    assert not alert(SimpleNamespace(is_global_zero=False, loggers=[mail]), "collapse", "look")
    assert not mail.sent
