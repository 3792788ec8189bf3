"""What can be wrong with a GAN, and how it is said."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal[
    "mode_collapse",
    "class_collapse",
    "discriminator_dominates",
    "generator_dominates",
    "vanishing_gradient",
    "oscillation",
    "stagnation",
    "divergence",
    "dead_start",
    "discriminator_overfitting",
    "degenerate_data",
]
"""The ways to fail."""

Severity = Literal["warning", "failure"]
"""A warning wants a look; a failure seldom mends itself."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One finding of one detector.

    Args:
        kind: what is wrong.
        severity: ``"warning"`` or ``"failure"``.
        onset: iteration of the first check that showed it.
        iteration: of the check that found it.
        evidence: the numbers it rests on, by name.
        reason: what was seen, in one sentence with these numbers.
        cause: what usually causes it.
        advice: what to try, in order.

    Example:
        >>> Verdict("oscillation", "warning", 300, 500, {"bins/hop": 0.9}, "it hops", "a high rate").title
        'oscillation'
    """

    kind: Kind
    severity: Severity
    onset: int
    iteration: int
    evidence: dict[str, float]
    reason: str
    cause: str
    advice: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The kind in words."""
        return self.kind.replace("_", " ")

    def as_dict(self) -> dict[str, Any]:
        """Return it in plain data, for files and checkpoints."""
        return asdict(self) | {"advice": list(self.advice)}

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> "Verdict":
        """Return what ``as_dict`` was made from."""
        return cls(**plain | {"advice": tuple(plain["advice"])})
