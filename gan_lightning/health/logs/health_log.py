"""``health.jsonl``, a monitor's own file: all that was measured at each check."""

from pathlib import Path

from gan_lightning.health.events import read_events, values_of
from gan_lightning.health.logs.log import Log, log_of

PREFIX = "health/"
"""What stands before measured names in every logger."""


def read_health(path: Path) -> Log:
    """Read the checks, with names as a logger has them."""
    checks = [event for event in read_events(path) if event["event"] == "check"]
    rows = (
        (event["iteration"], {PREFIX + name: value for name, value in values_of(event).items()}) for event in checks
    )
    return log_of(path, "iteration", rows)
