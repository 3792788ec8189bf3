"""Figures against independent references; where else they are, is said here.

- FID: numpy's eigenvalues below, torch-fidelity below, the closed form on Gaussians in ``test_embedded.py``
- KID: the closed form on Gaussians and torch-fidelity below, torchmetrics in ``test_embedded.py``
- InceptionScore: torch-fidelity below, the formula in ``functional/test_inception_score.py``
- PRDC: slow loops in ``functional/test_prdc.py``; VendiScore: a slow loop below, the kernel in ``test_embedded.py``
- NDB: a slow loop below; ModeCoverage and StackedModes: perfect samplers and counts by hand, in their own tests
"""

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_isc import isc_features_to_metric
from torch_fidelity.metric_kid import kid_features_to_metric

from gan_lightning.metrics import FID, KID, NDB, InceptionScore, VendiScore
from gan_lightning.metrics.embedded import ordered
from gan_lightning.metrics.ndb import _centers

few = pytest.mark.filterwarnings("ignore:(a Frechet distance|an inception score) of")


def samples() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(3)
    real, fake = torch.randn(2, 600, 5, generator=generator)
    return real, 0.7 * fake + 0.4


def filled(metric: Any, real: Tensor, fake: Tensor) -> dict[str, float]:
    metric.update(real, real=True)
    metric.update(fake)
    return {name: float(value) for name, value in metric.compute().items()}


@few
def test_fid() -> None:
    real, fake = samples()
    found = filled(FID(num_features=5), real, fake)["fid"]
    a, b = (each.double().numpy() for each in (real, fake))
    c, d = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = np.sqrt(np.linalg.eigvals(c @ d).real).sum()
    by_hand = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(c) + np.trace(d) - 2 * root
    assert found == pytest.approx(by_hand, rel=1e-6)
    theirs = fid_statistics_to_metric(*(fid_features_to_statistics(each) for each in (real, fake)), False)
    assert found == pytest.approx(theirs["frechet_inception_distance"], rel=1e-5)


def test_kid_of_gaussians_has_a_closed_form() -> None:
    """E (1 + x y)^3 = 1 + 3 a b + 3 (a^2 + 1)(b^2 + 1) + (a^3 + 3 a)(b^3 + 3 b) in one dimension."""
    draws = torch.Generator().manual_seed(0)
    real, fake = torch.randn(2, 40_000, 1, generator=draws)
    found = filled(KID(4000, 10), real, fake + 1)
    assert found["kid"] == pytest.approx(4 + 32 - 2 * 7, rel=0.05)


def test_kid_of_torch_fidelity() -> None:
    real, fake = samples()
    theirs = kid_features_to_metric(real, fake, kid_subsets=400, kid_subset_size=100, verbose=False)
    found = filled(KID(100, 400), real, fake)["kid"]
    assert found == pytest.approx(theirs["kernel_inception_distance_mean"], rel=0.05)


@few
def test_inception_score_of_torch_fidelity() -> None:
    classifier = nn.Linear(5, 4)
    metric = InceptionScore(classifier, 4)
    metric.update(3 * samples()[0])
    with torch.no_grad():
        theirs = isc_features_to_metric(classifier(3 * samples()[0]), splits=1)
    assert float(metric.compute()) == pytest.approx(theirs["inception_score_mean"], rel=1e-6)


def test_vendi_score_by_loops() -> None:
    points = samples()[1][:30].double()
    kernel = np.zeros((30, 30))
    for i, x in enumerate(points):
        for j, y in enumerate(points):
            kernel[i, j] = float(x @ y / (x.norm() * y.norm())) / 30
    shares = [each for each in np.linalg.eigvalsh(kernel) if each > 1e-12]
    metric = VendiScore()
    metric.update(points.float())
    assert float(metric.compute()["vendi"]) == pytest.approx(math.exp(-sum(p * math.log(p) for p in shares)), rel=1e-5)


def test_ndb_by_loops() -> None:
    real, fake = samples()
    centers = _centers(ordered(real), 6).tolist()
    counts = []
    for points in (real.tolist(), fake.tolist()):
        nearest = [min(range(6), key=lambda k: math.dist(x, centers[k])) for x in points]
        counts.append([nearest.count(k) for k in range(6)])
    differ, n = 0, 600
    for a, b in zip(*counts, strict=True):
        pooled = (a + b) / (2 * n)
        differ += abs(a - b) / n > 1.96 * math.sqrt(pooled * (1 - pooled) * 2 / n)
    found = filled(NDB(6), real, fake)
    assert found["ndb"] == pytest.approx(differ / 6)
    js = 0.0
    for a, b in zip(*counts, strict=True):
        mean = (a + b) / (2 * n)
        js += sum(0.5 * p * math.log(p / mean) for p in (a / n, b / n) if p)
    assert found["js"] == pytest.approx(js, rel=1e-5)
