"""How each thing that is exported is tried on an interrupted run; what is new fails the tests until it stands here."""

from collections.abc import Callable
from typing import Any

import torch
from foreign_modules import Official
from helpers import make
from techniques import toy
from torch import nn

from gan_lightning import ADA, GAN, R1, AdamGAN, ExtraAdam, FeatureMatching, LabelFlipping, NegativeMomentumSGD
from gan_lightning import OneSidedLabelSmoothing as Smoothing
from gan_lightning import callbacks as ours
from gan_lightning.health import remedies
from gan_lightning.metrics import VendiScore


class Penalised(Official):
    """A stranger's module with a number to anneal."""

    strength = 1.0

    def g_penalty(self):
        return self.strength * sum(p.square().sum() for p in self.generator.parameters())


def with_batch_norm_in_d() -> GAN:
    return make(discriminator=nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 1)))


def with_a_fast_d() -> GAN:
    return make(
        optimizer_d=lambda params: AdamGAN(params, lr=1e-2), optimizer_g=lambda params: AdamGAN(params, lr=1e-3)
    )


Case = tuple[Callable[[], Any], Callable[[], Any]]

CALLBACKS: dict[str, Case] = {
    "AddDiffAugment": (Official, ours.AddDiffAugment),
    "AddHistoricalAveraging": (Official, ours.AddHistoricalAveraging),
    "AddInstanceNoise": (Official, lambda: ours.AddInstanceNoise(std=0.4, over=9)),
    "AddR1": (Official, lambda: ours.AddR1(every=3)),
    "AddSpectralNorm": (Official, ours.AddSpectralNorm),
    "AnnealAttribute": (Penalised, lambda: ours.AnnealAttribute("strength", 0.0, 1.0, over=9)),
    "ClipGradients": (Official, lambda: ours.ClipGradients(max_norm_d=0.1, max_norm_g=0.1)),
    "ClipWeights": (Official, lambda: ours.ClipWeights(limit=0.05)),
    "DensityScatter": (make, lambda: ours.DensityScatter(every=2, points=8)),
    "Dashboard": (make, lambda: ours.Dashboard(every=2, samples=2)),
    "Evaluation": (make, lambda: ours.Evaluation({"vendi": VendiScore()}, every=2, num_samples=8)),
    "GANProgressBar": (make, ours.GANProgressBar),
    "GeneratorEMA": (Official, lambda: ours.GeneratorEMA(0.05)),
    "LatentInterpolation": (make, lambda: ours.LatentInterpolation(every=2, ways=2, steps=3)),
    "ModeHistogram": (make, lambda: ours.ModeHistogram([[0.0, 0.0]], 0.1, every=2, samples=8)),
    "RankAgreement": (make, lambda: ours.RankAgreement(every=2)),
    "SampleGrid": (make, lambda: ours.SampleGrid(every=2)),
    "TrainingCurves": (make, lambda: ours.TrainingCurves(every=2)),
    "TruncationGrid": (make, lambda: ours.TruncationGrid(every=2, columns=2)),
    "WandbDashboard": (make, lambda: ours.WandbDashboard(every=2, samples=2)),
}
"""Per callback, the module to train and the callback."""

REMEDIES: dict[str, Case] = {
    "AttributeLever": (make, lambda: remedies.AttributeLever("g_steps", to=2)),
    "ClipAtUsualNorm": (make, lambda: remedies.ClipAtUsualNorm(times=1.0)),
    "DropoutInDiscriminator": (make, lambda: remedies.DropoutInDiscriminator(p=0.5)),
    "FeatureMatchingOn": (lambda: toy(FeatureMatching, matching_weight=0.0), remedies.FeatureMatchingOn),
    "FlipLabels": (lambda: toy(LabelFlipping, flip_share=0.0), remedies.FlipLabels),
    "FrozenBatchNorm": (with_batch_norm_in_d, remedies.FrozenBatchNorm),
    "LearningRate": (make, lambda: remedies.LearningRate("discriminator", factor=0.3)),
    "NoisySamples": (make, lambda: remedies.NoisySamples(share=0.5, rise=2, hold=3, fall=2)),
    "PenaltyWeight": (lambda: toy(R1), remedies.PenaltyWeight),
    "RelativisticPairing": (make, remedies.RelativisticPairing),
    "SafeLearningRates": (with_a_fast_d, remedies.SafeLearningRates),
    "SmoothLabels": (lambda: toy(Smoothing, smoothing_target=1.0), remedies.SmoothLabels),
    "StepRatio": (make, lambda: remedies.StepRatio(d_steps=2)),
    "StrengthenADA": (lambda: toy(ADA, ada_initial=0.3, ada_every=1), remedies.StrengthenADA),
    "Wait": (make, remedies.Wait),
    "ZeroCenteredPenalties": (make, lambda: remedies.ZeroCenteredPenalties(gamma=2.0, every=2)),
}
"""Per remedy, the module that has its lever and the remedy."""

ELSEWHERE: dict[str, str] = {
    "Ladder": "tests/health/remedies/test_rollback.py",
    "Restart": "tests/health/remedies/test_rollback.py",
    "Rollback": "tests/health/remedies/test_rollback.py",
    "Stop": "tests/health/remedies/test_other_levers.py",
    "WiderDiscriminator": "tests/health/remedies/test_wider.py",
}
"""Remedies whose resumed runs are tried where their machinery is; ``Stop`` ends the run, so that nothing resumes."""

OPTIMIZERS: dict[str, Callable[[Any], Any]] = {
    "AdamGAN": AdamGAN,
    "ExtraAdam": lambda params: ExtraAdam(params, lr=0.01),
    "NegativeMomentumSGD": lambda params: NegativeMomentumSGD(params, lr=0.01),
}

DETECTORS: dict[str, dict[str, Any]] = {"LostModes": {"centers": torch.eye(2), "sigma": 0.3}}
"""Arguments of the detectors that need some."""

NO_REMEDIES = {"Action", "Change", "Patient", "Remedy", "Rung", "levers_of", "prepare_all"}
NOTHING_TO_RESUME = {"AtomicCheckpointIO", "Critique", "GAN", "Step", "Terms", "__version__", "join_checkpoint"}
"""What is exported and is no mixin, recipe, callback or optimizer."""


def held_out() -> torch.Tensor:
    return torch.randn(64, 2, generator=torch.Generator().manual_seed(7))
