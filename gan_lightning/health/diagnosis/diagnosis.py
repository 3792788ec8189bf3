"""What the logs of a run tell of its health."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gan_lightning.health.cases import Episode
from gan_lightning.health.detector import Detector
from gan_lightning.health.detectors import default_detectors
from gan_lightning.health.diagnosis.losses import LossDominance, checks_from
from gan_lightning.health.diagnosis.recorded import recorded, remedies_of
from gan_lightning.health.diagnosis.timeline import judged_again
from gan_lightning.health.logs import Log, find_runs, read_run
from gan_lightning.health.logs.health_log import PREFIX
from gan_lightning.health.verdict import Verdict

UNSEEN = (
    "mode collapse, oscillation and overfitting cannot be seen in losses, and whether the generator wins hardly: add "
    "HealthMonitor() to Trainer(callbacks=...), or try `gan-lightning diagnose --module ... --data ...`"
)
UNKNOWN_NAMES = "none of them has a loss's name: say which they are by --d_loss NAME and --g_loss NAME"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A run's verdicts, and what they rest on.

    Args:
        log: what was read.
        checks: what was judged: the values by the detectors' names.
        sources: logged names by the detectors' names, where no monitor had logged; else empty.
        episodes: verdicts by their onset.
        unknown: what cannot be told, in sentences.
        others: folders of other runs that were found, and not read.
        remedies: what a ladder did, a line each.
    """

    log: Log
    checks: Log
    sources: dict[str, str]
    episodes: list[Episode]
    unknown: tuple[str, ...] = ()
    others: tuple[Path, ...] = ()
    remedies: tuple[str, ...] = ()

    @property
    def failures(self) -> list[Verdict]:
        """Verdicts that are failures, also those that are over."""
        return [episode.verdict for episode in self.episodes if episode.verdict.severity == "failure"]

    def as_dict(self) -> dict[str, Any]:
        """Return it in plain data."""
        return {
            "read": str(self.log.path),
            "clock": self.log.clock,
            "last": self.log.last,
            "checks": len(self.checks.iterations),
            "monitored": not self.sources,
            "names": self.sources or {name: PREFIX + name for name in self.checks.series},
            "failed": bool(self.failures),
            "verdicts": [episode.verdict.as_dict() | {"end": episode.end} for episode in self.episodes],
            "remedies": list(self.remedies),
            "unknown": list(self.unknown),
            "others": [str(folder) for folder in self.others],
        }


def diagnosis_of(
    place: Path | str,
    detectors: Sequence[Detector] | None = None,
    *,
    d_loss: str | None = None,
    g_loss: str | None = None,
) -> Diagnosis:
    """Judge a run from what it logged, the newest if there are several.

    Args:
        place: the run's folder, or one above it, or a log.
        detectors: what to look for; all there are if None.
        d_loss: name of the discriminator's loss, for a run without a monitor; known by its name if None.
        g_loss: likewise of the generator's.

    Raises:
        ValueError: if there is no log, or nothing in it that can be judged.
    """
    chosen = default_detectors() if detectors is None else tuple(detectors)
    run, *others = find_runs(Path(place))
    log = read_run(run)
    folders = tuple(other.folder for other in others)
    checks = log.named(PREFIX)
    if checks.series:
        if log.clock != "iteration":
            checks = checks.later(1)  # Lightning's loggers count batches from 0, checks are after a batch
        episodes = judged_again(checks, chosen)
        if detectors is None:
            episodes += _others(recorded(log, checks), episodes)
        return Diagnosis(log, checks, {}, episodes, (), folders, tuple(remedies_of(log)))
    checks, sources = checks_from(log, d_loss, g_loss)
    if not sources:
        raise ValueError(f"{log.path} has {_listed(log)}; {UNKNOWN_NAMES}")
    missing = tuple(_missing(player) for player in ("d", "g") if f"{player}/loss" not in sources)
    return Diagnosis(
        log, checks, sources, judged_again(checks, (*chosen, LossDominance())), (*missing, UNSEEN), folders
    )


def _others(said: list[Episode], found: list[Episode]) -> list[Episode]:
    """Return what the run's own monitor, with detectors or thresholds of its own, said of other kinds."""
    kinds = {episode.verdict.kind for episode in found}
    return [episode for episode in said if episode.verdict.kind not in kinds]


def _missing(player: str) -> str:
    name = {"d": "discriminator", "g": "generator"}[player]
    return f"the {name}'s loss was not recognised by its name: say which it is by --{player}_loss NAME"


def _listed(log: Log) -> str:
    names = sorted(log.series)
    return ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
