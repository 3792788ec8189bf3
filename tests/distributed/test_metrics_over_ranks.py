"""Metrics over four gloo processes say what one says, by themselves and within ``Evaluation``."""

import os
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers import fit, make
from lightning.pytorch.strategies import DDPStrategy
from torch import nn
from two_ranks import leave_results, results_of_ranks

from gan_lightning import AdamGAN, Evaluation
from gan_lightning.data import TensorData
from gan_lightning.metrics import FID, KID, NDB, PRDC, InceptionScore, ModeCoverage, VendiScore

RANKS = 4
EACH = "ignore:(a Frechet distance|precision|an inception score)"


def metrics() -> dict[str, Any]:
    classifier = nn.Linear(2, 3)
    nn.init.eye_(classifier.weight)
    nn.init.zeros_(classifier.bias)
    return {
        "fid": FID(num_features=2),
        "kid": KID(40, 5),
        "ndb": NDB(4),
        "prdc": PRDC(3),
        "vendi": VendiScore(),
        "is": InceptionScore(classifier, 3),
        "modes": ModeCoverage(torch.eye(2), 0.5),
    }


def plain(found: Any) -> dict[str, float]:
    return {name: float(value) for name, value in (found if isinstance(found, dict) else {"": found}).items()}


def alone(rank: int, ranks: int) -> dict[str, dict[str, float]]:
    """Each rank takes in its share, of uneven sizes."""
    real, fake = torch.randn(2, 202, 2, generator=torch.Generator().manual_seed(0))
    found = {}
    for name, metric in metrics().items():
        shares = {"real": real.tensor_split(ranks)[rank], "fake": (fake + 0.3).tensor_split(ranks)[rank]}
        if name not in ("is", "modes"):
            metric.update(shares["real"], real=True)
        metric.update(shares["fake"])
        found[name] = plain(metric.compute())
    return found


def evaluated(ranks: int, folder: Path) -> dict[str, float]:
    """A fit in which nothing moves, so that only the evaluation could differ."""
    still = lambda params: AdamGAN(params, lr=0.0)  # noqa: E731
    gan = make(optimizer_d=still, optimizer_g=still)
    samples = torch.randn(400, 2, generator=torch.Generator().manual_seed(1))
    evaluation = Evaluation(metrics(), every=2, num_samples=150, batch_size=16)
    strategy = DDPStrategy(process_group_backend="gloo") if ranks > 1 else "auto"
    data = TensorData(samples, batch_size=40 // ranks)
    fit(gan, data, callbacks=[evaluation], devices=ranks, strategy=strategy, max_steps=2, default_root_dir=folder)
    assert evaluation.last is not None
    return {**evaluation.last.values, "n_real": evaluation.last.facts["fid"]["n_real"]}


@pytest.mark.ddp
@pytest.mark.filterwarnings(EACH)
def test_four_ranks_say_what_one_says(tmp_path: Path) -> None:
    one = {"alone": alone(0, 1), "evaluated": evaluated(1, tmp_path)}
    for found in results_of_ranks(__file__, tmp_path, RANKS):
        for name, figures in one["alone"].items():
            assert found["alone"][name] == pytest.approx(figures, rel=1e-6, abs=1e-9), name
        assert found["evaluated"] == pytest.approx(one["evaluated"], rel=1e-6, abs=1e-9)
    assert one["evaluated"]["n_real"] == 160


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    own = int(os.environ["LOCAL_RANK"])
    torch.distributed.init_process_group("gloo", rank=own, world_size=RANKS)
    leave_results({"alone": alone(own, RANKS), "evaluated": evaluated(RANKS, Path(sys.argv[1]))})
