"""Several metrics over the same samples: real ones are taken in once, generated ones anew each time."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from inspect import signature
from typing import Any

import torch
from torch import Tensor
from torchmetrics import Metric

PREFIX = "metrics/"
FLOOR = "_perfect"
"""What the names of figures end with that say what perfect samples would have."""


@dataclass(frozen=True)
class Figures:
    """What one metric said.

    Args:
        values: by the metric's own names.
        floors: what as many perfect samples would have, by the same names; empty where that is not known.
        logged: the values by the names that they are logged under.
        facts: what they have to be read with.
    """

    values: dict[str, float]
    floors: dict[str, float]
    logged: dict[str, float]
    facts: dict[str, Any]


@dataclass(frozen=True)
class Evaluated:
    """What an evaluation found.

    Args:
        iteration: batches trained on.
        values: by the names that they are logged under, as in ``metrics/fid``.
        facts: by metric: ``n_fake``, ``n_real``, ``embedder``, ``resize``, and whether ``weights`` were the "average".
    """

    iteration: int
    values: dict[str, float]
    facts: dict[str, dict[str, Any]]


class Panel:
    """Feeds metrics, and keeps what they made of the real samples.

    Args:
        metrics: by name; of torchmetrics, or others with the same methods.

    Raises:
        ValueError: if there are none.
        TypeError: if one is no metric.
    """

    def __init__(self, metrics: Mapping[str, Metric]) -> None:
        if not metrics:
            raise ValueError("Evaluation has no metrics: give some by name, as in {'fid': FID(embedder)}")
        for name, metric in metrics.items():
            if not isinstance(metric, Metric):
                raise TypeError(f"{name!r} is a {type(metric).__name__}, expected a torchmetrics.Metric")
        self.metrics = dict(metrics)
        self._of_real: dict[str, dict[str, Any]] | None = None
        self.n_real = 0

    @property
    def knows_real(self) -> bool:
        """Whether the real samples were taken in."""
        return self._of_real is not None

    @property
    def needs_real(self) -> bool:
        """Whether any metric compares with real samples."""
        return any(map(_compares, self.metrics.values()))

    def check(self, num_samples: int) -> None:
        """Refuse a number of generated samples of which a metric says nothing."""
        for name, metric, fewest in self._fewest():
            if num_samples < fewest:
                raise ValueError(
                    f"{name!r} ({type(metric).__name__}) needs {fewest:,} samples at least, got num_samples="
                    f"{num_samples:,}: raise it, or change the metric's settings"
                )

    def check_real(self, count: int) -> None:
        """Refuse a number of real samples with which a metric cannot compare."""
        for name, metric, fewest in self._fewest():
            if count < fewest and _compares(metric) and getattr(metric, "needs_real", True):
                raise ValueError(
                    f"{name!r} ({type(metric).__name__}) needs {fewest:,} real samples at least, and there are "
                    f"{count:,}: pass more as real=..., or change the metric's settings"
                )

    def _fewest(self) -> Iterator[tuple[str, Metric, int]]:
        yield from ((name, metric, getattr(metric, "fewest", 1)) for name, metric in self.metrics.items())

    @torch.inference_mode(False)
    def start_anew(self, device: torch.device) -> None:
        """Forget all samples, also the real ones, and go to the device."""
        for metric in self.metrics.values():
            metric.to(device)
        self.forget()

    def forget(self) -> None:
        """Let go of all samples, which may be large."""
        self._of_real, self.n_real = None, 0
        for metric in self.metrics.values():
            metric.reset()

    def keep_real(self, count: int) -> None:
        """Remember the real samples that were added, ``count`` over all ranks."""
        self._of_real = {name: _copied(metric.metric_state) for name, metric in self.metrics.items()}
        self.n_real = count

    def start(self) -> None:
        """Forget the generated samples."""
        for name, metric in self.metrics.items():
            metric.reset()
            for state, value in _copied((self._of_real or {}).get(name, {})).items():
                setattr(metric, state, value)

    def add(self, samples: Tensor, real: bool) -> None:
        """Take in a batch of generated samples (N, ...), or real ones."""
        from gan_lightning.metrics.embedded import embedded_once

        with embedded_once():
            for metric in self.metrics.values():
                if _compares(metric):
                    metric.update(samples, real=real)
                elif not real:
                    metric.update(samples)

    def figures(self, name: str, n_fake: int) -> Figures:
        """Return what the metric of this name says; all ranks take part."""
        metric = self.metrics[name]
        figures = {figure: _number(figure, value) for figure, value in _named(name, metric.compute()).items()}
        values = {figure: value for figure, value in figures.items() if not figure.endswith(FLOOR)}
        floors = {figure.removesuffix(FLOOR): value for figure, value in figures.items() if figure not in values}
        logged = {logged_name(name, figure, len(values) == 1): value for figure, value in values.items()}
        embedder = {"resize": "none", "embedder": type(metric).__name__, **getattr(metric, "details", {})}
        facts = {**embedder, "n_fake": n_fake, "n_real": self.n_real if _compares(metric) else 0}
        return Figures(values, floors, logged, json.loads(json.dumps(facts, default=str)))  # a checkpoint holds them


def logged_name(metric: str, figure: str, is_only: bool) -> str:
    """Return ``metrics/fid`` for the only figure, ``metrics/prdc_recall`` for one of several.

    Example:
        >>> logged_name("prdc", "recall", False), logged_name("kid", "kid", False), logged_name("kid", "kid_std", False)
        ('metrics/prdc_recall', 'metrics/kid', 'metrics/kid_std')
    """
    if is_only or figure == metric:
        return PREFIX + metric
    return PREFIX + (figure if figure.startswith(f"{metric}_") else f"{metric}_{figure}")


def _compares(metric: Metric) -> bool:
    return "real" in signature(metric.update).parameters


def _named(name: str, found: Any) -> dict[str, Any]:
    if isinstance(found, Mapping):
        return dict(found)
    if isinstance(found, tuple | list):
        return {str(place): value for place, value in enumerate(found)}
    return {name: found}


def _number(figure: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, RuntimeError):
        what = f"of shape {tuple(value.shape)}" if isinstance(value, Tensor) else f"a {type(value).__name__}"
        raise ValueError(
            f"its figure {figure!r} is {what}, expected one number: let compute return a number, or several by name"
        ) from None


def _copied(states: Mapping[str, Any]) -> dict[str, Any]:
    """Return copies, for sums are changed in place and lists are cleared."""
    return {name: list(value) if isinstance(value, list) else value.clone() for name, value in states.items()}
