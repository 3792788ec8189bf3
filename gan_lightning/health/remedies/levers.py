"""Which levers a module has."""

from collections.abc import Callable, Iterable

from gan_lightning.health.remedies.ada_strength import StrengthenADA
from gan_lightning.health.remedies.clip_gradients import ClipAtUsualNorm
from gan_lightning.health.remedies.dropout_in_discriminator import DropoutInDiscriminator
from gan_lightning.health.remedies.feature_matching_on import FeatureMatchingOn
from gan_lightning.health.remedies.frozen_batch_norm import FrozenBatchNorm
from gan_lightning.health.remedies.instance_noise import NoisySamples
from gan_lightning.health.remedies.label_flipping import FlipLabels
from gan_lightning.health.remedies.label_smoothing import SmoothLabels
from gan_lightning.health.remedies.learning_rate import LearningRate
from gan_lightning.health.remedies.patient import Patient
from gan_lightning.health.remedies.penalty_weight import PenaltyWeight
from gan_lightning.health.remedies.relativistic_pairing import RelativisticPairing
from gan_lightning.health.remedies.remedy import Remedy
from gan_lightning.health.remedies.safe_learning_rates import SafeLearningRates
from gan_lightning.health.remedies.step_ratio import StepRatio
from gan_lightning.health.remedies.stop import Stop
from gan_lightning.health.remedies.zero_centered_penalties import ZeroCenteredPenalties

LEVERS: tuple[Callable[[], Remedy], ...] = (
    ZeroCenteredPenalties,
    SafeLearningRates,
    FrozenBatchNorm,
    DropoutInDiscriminator,
    NoisySamples,
    ClipAtUsualNorm,
    LearningRate,
    PenaltyWeight,
    StrengthenADA,
    lambda: StepRatio(d_steps=3),
    FlipLabels,
    SmoothLabels,
    FeatureMatchingOn,
    RelativisticPairing,
    Stop,
)
"""All that change something while a run goes on, the best first, in their default setting."""


def levers_of(patient: Patient) -> list[str]:
    """Return the names of the levers that a module has."""
    return [remedy.name for remedy in (make() for make in LEVERS) if refusal_of(remedy, patient) is None]


def refusal_of(remedy: Remedy, patient: Patient) -> str | None:
    """Prepare a remedy, and return why the module does not have it, or None."""
    try:
        remedy.prepare(patient)
    except ValueError as error:
        return str(error)
    return None


def prepare_all(remedies: Iterable[Remedy], patient: Patient) -> None:
    """Prepare remedies that somebody asked for.

    Raises:
        ValueError: one for all that the module does not have, with the reasons and the levers that it has.
    """
    refusals = [reason for remedy in remedies if (reason := refusal_of(remedy, patient)) is not None]
    if refusals:
        there = ", ".join(levers_of(patient))
        raise ValueError(f"{'; '.join(refusals)}. Levers that {type(patient.module).__name__} has: {there}")
