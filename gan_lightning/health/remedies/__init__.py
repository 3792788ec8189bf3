"""One lever per file: what may be changed while a GAN trains, and put back."""

from gan_lightning.health.remedies.action import Action
from gan_lightning.health.remedies.ada_strength import StrengthenADA
from gan_lightning.health.remedies.attribute_lever import AttributeLever
from gan_lightning.health.remedies.clip_gradients import ClipAtUsualNorm
from gan_lightning.health.remedies.dropout_in_discriminator import DropoutInDiscriminator
from gan_lightning.health.remedies.feature_matching_on import FeatureMatchingOn
from gan_lightning.health.remedies.frozen_batch_norm import FrozenBatchNorm
from gan_lightning.health.remedies.instance_noise import NoisySamples
from gan_lightning.health.remedies.label_flipping import FlipLabels
from gan_lightning.health.remedies.label_smoothing import SmoothLabels
from gan_lightning.health.remedies.ladder import Ladder
from gan_lightning.health.remedies.learning_rate import LearningRate
from gan_lightning.health.remedies.levers import levers_of, prepare_all
from gan_lightning.health.remedies.patient import Patient
from gan_lightning.health.remedies.penalty_weight import PenaltyWeight
from gan_lightning.health.remedies.relativistic_pairing import RelativisticPairing
from gan_lightning.health.remedies.remedy import Change, Remedy
from gan_lightning.health.remedies.restart import Restart
from gan_lightning.health.remedies.rollback import Rollback
from gan_lightning.health.remedies.rungs import Rung
from gan_lightning.health.remedies.safe_learning_rates import SafeLearningRates
from gan_lightning.health.remedies.step_ratio import StepRatio
from gan_lightning.health.remedies.stop import Stop
from gan_lightning.health.remedies.wait import Wait
from gan_lightning.health.remedies.wider_discriminator import WiderDiscriminator
from gan_lightning.health.remedies.zero_centered_penalties import ZeroCenteredPenalties

__all__ = [
    "Action",
    "AttributeLever",
    "Change",
    "ClipAtUsualNorm",
    "DropoutInDiscriminator",
    "FeatureMatchingOn",
    "FlipLabels",
    "FrozenBatchNorm",
    "Ladder",
    "LearningRate",
    "NoisySamples",
    "Patient",
    "PenaltyWeight",
    "RelativisticPairing",
    "Remedy",
    "Restart",
    "Rollback",
    "Rung",
    "SafeLearningRates",
    "SmoothLabels",
    "StepRatio",
    "Stop",
    "StrengthenADA",
    "Wait",
    "WiderDiscriminator",
    "ZeroCenteredPenalties",
    "levers_of",
    "prepare_all",
]
