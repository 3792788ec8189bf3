"""The truth about a run, from what no detector sees: the mixture's centres, or a classifier of the real images.

Thresholds: those of the study behind the detectors, fixed before any detector was run.
Differs: in the plane a sample counts for its nearest centre only within half the distance between neighbours, or a
blob in the middle of a ring would serve all modes.
"""

from functools import lru_cache
from typing import Any, Literal, NamedTuple

import torch
import torch.nn.functional as F
from sources import SIGMA, Source, load
from torch import Tensor, nn

from gan_lightning.functional import mode_shares, mode_total_variation
from gan_lightning.isolation import evaluating, seeded

POINTS, IMAGES = 4096, 2048
Grade = Literal["good", "grey", "bad"]


class Limits(NamedTuple):
    """Levels of one figure: beyond ``bad`` a generator has failed, within ``good`` it is well."""

    good: float
    bad: float


COVERED = Limits(good=0.9, bad=0.75)
"""Share of the modes with a fifth of their due mass, in the plane."""
POINT_TV = Limits(good=0.35, bad=0.5)
SPREAD = Limits(good=0.75, bad=0.4)
"""Standard deviation of a mode's samples over that of the data, the median over modes: a mode may collapse, too."""
CLASSES = Limits(good=0.9, bad=0.6)
"""Share of the classes with a fifth of their due mass, of images."""
IMAGE_TV = Limits(good=0.35, bad=0.55)
DISTANCE = Limits(good=0.35, bad=0.7)
"""Frechet distance in the classifier's features over the trace of the real covariance."""
AGREEMENT = Limits(good=0.7, bad=0.5)
"""Share of the samples that are of the class asked for, where the generator takes labels."""


def samples_of(module: Any, n: int) -> tuple[Tensor, Tensor | None]:
    """Return samples in evaluation mode, and the labels asked for if it takes any; the random state is untouched."""
    if hasattr(module, "sample"):
        label = torch.arange(n) % module.num_classes if module.num_classes else None
        return module.sample(n, label, seed=0), label
    with evaluating(module), seeded(0, module.device):
        return module(module.sample_latent(n)), None


def look(module: Any, data: str, scale: float) -> dict[str, float]:
    """Return the figures of a module's samples as they are now."""
    source = load(data)
    samples, label = samples_of(module, IMAGES if source.centers is None else POINTS)
    samples = (samples.float() - (scale - 1)) / scale
    if not samples.isfinite().all():
        return {"finite": 0.0}
    figures, found = _at_centers(samples, source) if source.centers is not None else _at_classes(samples, data)
    if label is not None:
        figures["agreement"] = float((found == label).float().mean())
    return figures


def grade(figures: dict[str, float]) -> Grade:
    """Tell good from bad by fixed limits."""
    if "finite" in figures:
        return "bad"
    images = "distance" in figures
    covered, tv = (CLASSES, IMAGE_TV) if images else (COVERED, POINT_TV)
    rising = [(figures["covered"], covered)]
    falling = [(figures["tv"], tv)]
    if images:
        falling.append((figures["distance"], DISTANCE))
    if "spread" in figures:
        rising.append((figures["spread"], SPREAD))
    if "agreement" in figures:
        rising.append((figures["agreement"], AGREEMENT))
    if any(value <= limits.bad for value, limits in rising) or any(value > limits.bad for value, limits in falling):
        return "bad"
    good = all(value >= limits.good for value, limits in rising)
    return "good" if good and all(value < limits.good for value, limits in falling) else "grey"


def _at_centers(samples: Tensor, source: Source) -> tuple[dict[str, float], Tensor]:
    centers = source.centers
    assert centers is not None
    reach = float(torch.pdist(centers).min()) / 2
    shares = mode_shares(samples, centers, reach, within=1.0).valid
    covered = (shares >= 0.2 / len(centers)).double().mean()
    nearest = torch.cdist(samples, centers).argmin(1)
    tv, spread = float(mode_total_variation(shares)), _spread(samples, nearest)
    return {"covered": float(covered), "tv": tv, "spread": spread}, nearest


def _spread(samples: Tensor, nearest: Tensor) -> float:
    """Return the median standard deviation within modes of at least 16 samples, in units of the data's; 0 if none."""
    modes = [samples[nearest == mode] for mode in range(int(nearest.max()) + 1)]
    spreads = [(mode - mode.mean(0)).square().mean().sqrt() for mode in modes if len(mode) >= 16]
    return float(torch.stack(spreads).median()) / SIGMA if spreads else 0.0


def _at_classes(samples: Tensor, data: str) -> tuple[dict[str, float], Tensor]:
    judge = classifier(data)
    features = judge.features(samples)
    found = judge.classes(features)
    real = judge.shares
    shares = torch.bincount(found, minlength=len(real)).double() / len(found)
    figures = {
        "covered": float((shares >= 0.2 * real).double().mean()),
        "tv": float(0.5 * (shares - real).abs().sum()),
        "distance": _frechet(features.double(), judge.mean, judge.covariance),
    }
    return figures, found


class Classifier:
    """A small network trained once on the real images, and how they lie in its features.

    Args:
        source: images with classes; a fifth of them is kept for ``accuracy``.
    """

    def __init__(self, source: Source) -> None:
        order = torch.randperm(len(source.samples), generator=torch.Generator().manual_seed(0))
        x, label = source.samples[order], source.label[order]
        held_out = len(x) // 5
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            self.body = nn.Sequential(nn.Flatten(), nn.Linear(x[0].numel(), 128), nn.ReLU(), nn.Linear(128, 64))
            self.head = nn.Sequential(nn.ReLU(), nn.Linear(64, source.num_classes))
            self._fit(x[held_out:], label[held_out:])
        self.accuracy = float((self.classes(self.features(x[:held_out])) == label[:held_out]).float().mean())
        features = self.features(source.samples).double()
        self.mean, self.covariance = features.mean(0), features.T.cov()
        self.shares = torch.bincount(source.label).double() / len(source.label)

    def _fit(self, x: Tensor, label: Tensor) -> None:
        optimizer = torch.optim.Adam([*self.body.parameters(), *self.head.parameters()], lr=1e-3, weight_decay=1e-4)
        for _ in range(1500):
            index = torch.randint(len(x), (128,))
            noisy = x[index] + 0.1 * torch.randn_like(x[index])
            loss = F.cross_entropy(self.head(self.body(noisy)), label[index])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()

    @torch.no_grad()
    def features(self, x: Tensor) -> Tensor:
        """Map images to features (N, 64)."""
        features: Tensor = self.body(x)
        return features

    @torch.no_grad()
    def classes(self, features: Tensor) -> Tensor:
        """Return the class of each, (N,)."""
        return self.head(features).argmax(1)  # type: ignore[no-any-return]


@lru_cache
def classifier(data: str) -> Classifier:
    """Return the classifier of a data set, trained once per process, the same each time."""
    with torch.enable_grad():
        return Classifier(load(data))


def _frechet(features: Tensor, mean: Tensor, covariance: Tensor) -> float:
    """Return the Frechet distance to a Gaussian over the trace of its covariance."""
    own = features.T.cov()
    values, vectors = torch.linalg.eigh(covariance)
    root = vectors @ torch.diag(values.clamp(min=0).sqrt()) @ vectors.T
    cross = torch.linalg.eigvalsh(root @ own @ root).clamp(min=0).sqrt().sum()
    gap = (features.mean(0) - mean).square().sum()
    return float((gap + own.trace() + covariance.trace() - 2 * cross) / covariance.trace())
