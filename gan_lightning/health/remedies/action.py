"""What a ladder did, for people, logs and files."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from gan_lightning.health.remedies.remedy import Change

Doing = Literal["applied", "passed over", "undone", "would apply", "would undo", "gave up"]


@dataclass(frozen=True, slots=True)
class Action:
    """What a ladder did at a check.

    Args:
        iteration: of the check.
        doing: what kind of deed it was.
        remedy: its name; empty for giving up.
        against: the kind of failure; empty where a remedy is undone.
        change: what changed; None where nothing did.

    Example:
        >>> str(Action(1500, "would apply", "R1 + R2", "mode_collapse"))
        'would apply R1 + R2 against mode collapse'
    """

    iteration: int
    doing: Doing
    remedy: str
    against: str
    change: Change | None = None

    def __str__(self) -> str:
        what = f" {self.remedy}" if self.remedy else ""
        against = f" against {self.against.replace('_', ' ')}" if self.against else ""
        return f"{self.doing}{what}{against}" + (f": {self.change}" if self.change else "")

    def as_dict(self) -> dict[str, Any]:
        """Return it in plain data, for files."""
        return asdict(self)
