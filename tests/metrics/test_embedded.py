"""Metrics over embedded samples: closed forms, any batching, and what they refuse."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torchmetrics.image.kid import KernelInceptionDistance

from gan_lightning.functional import prdc
from gan_lightning.metrics import FID, KID, NDB, PRDC, EmbeddedMetric, VendiScore

ALL: dict[str, Any] = {
    "FID": lambda embedder=None: FID(embedder, num_features=3),
    "KID": lambda embedder=None: KID(50, 5, embedder),
    "NDB": lambda embedder=None: NDB(4, embedder),
    "PRDC": lambda embedder=None: PRDC(3, embedder),
    "VendiScore": VendiScore,
}
few = pytest.mark.filterwarnings("ignore:(a Frechet distance|precision, recall, density and coverage) of")


def filled(metric: Any, real: Tensor, fake: Tensor, size: int = 10**9) -> Any:
    for samples, is_real in ((real, True), (fake, False)):
        for part in samples.split(size):
            metric.update(part, real=is_real)
    return metric


@few
@pytest.mark.parametrize("name", ALL)
def test_any_batching_and_a_reset_change_nothing(name: str) -> None:
    real, fake = torch.randn(120, 3), torch.randn(100, 3) * 0.5
    whole, parts = (filled(ALL[name](), real, fake, size) for size in (1000, 17))
    for figure, value in whole.compute().items():
        torch.testing.assert_close(parts.compute()[figure], value, rtol=1e-9, atol=1e-9)
    again = filled(parts, 5 + fake, fake)
    again.reset()
    assert filled(again, real, fake).compute() == whole.compute()
    assert whole.details == {"n_fake": 100, "n_real": 120, "embedder": "none", "resize": "none"}


@few
def test_frechet_distance_of_gaussians_has_a_closed_form() -> None:
    real, fake = torch.randn(200_000, 2), torch.randn(200_000, 2) * torch.tensor([2.0, 0.5]) + torch.tensor([3.0, 0.0])
    found = filled(FID(num_features=2), real, fake).compute()["fid"]
    assert float(found) == pytest.approx(9 + (1 + 4 - 2 * 2) + (1 + 0.25 - 2 * 0.5), rel=0.02)
    assert found.dtype == torch.float64


def test_few_samples_are_said_to_mislead() -> None:
    metric = filled(FID(num_features=3), torch.randn(50, 3), torch.randn(40, 3))
    with pytest.warns(UserWarning, match="50 real and 40 generated.*or use KID"):
        metric.compute()


@pytest.mark.filterwarnings("ignore:Metric `Kernel Inception Distance`")
def test_kid_is_torchmetrics_with_subsets_that_do_not_change() -> None:
    class Identity(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x

    real, fake = torch.randn(400, 8), torch.randn(300, 8) + 0.3
    own = filled(KID(100, 200), real, fake).compute()
    theirs = KernelInceptionDistance(feature=Identity(), subsets=200, subset_size=100)
    theirs.update(real, real=True)
    theirs.update(fake, real=False)
    assert float(own["kid"]) == pytest.approx(float(theirs.compute()[0]), rel=0.1)
    state = torch.get_rng_state()
    assert filled(KID(100, 200), real, fake).compute() == own
    assert torch.equal(torch.get_rng_state(), state)


def test_vendi_score_is_that_of_the_kernel_matrix() -> None:
    fake = torch.randn(40, 7)
    unit = (fake / fake.norm(dim=1, keepdim=True)).double()
    eigenvalues = torch.linalg.eigvalsh(unit @ unit.T / 40).clamp_min(1e-300)
    expected = math.exp(-float((eigenvalues * eigenvalues.log()).sum()))
    for points in (fake, torch.cat([fake, torch.zeros(40, 60)], 1)):  # the smaller of both matrices
        metric = VendiScore()
        metric.update(points)
        assert float(metric.compute()["vendi"]) == pytest.approx(expected, rel=1e-6)


def test_lost_parts_of_the_data_are_different_bins() -> None:
    centers = 5 * torch.randn(8, 4)
    real = centers.repeat(50, 1) + 0.1 * torch.randn(400, 4)
    assert filled(NDB(8), real, real.flip(0)).compute() == {"ndb": torch.tensor(0.0), "js": torch.tensor(0.0)}
    lost = filled(NDB(8), real, centers[:4].repeat(50, 1)).compute()
    assert float(lost["ndb"]) == 1.0
    assert float(lost["js"]) == pytest.approx(0.75 * math.log(4 / 3), rel=1e-4)


@few
def test_prdc_is_the_functions() -> None:
    real, fake = torch.randn(2, 100, 3)
    assert filled(PRDC(), real, fake).compute() == prdc(real, fake)._asdict()


@few
@pytest.mark.parametrize("name", ALL)
def test_what_they_refuse(name: str) -> None:
    make = ALL[name]
    with pytest.raises(ValueError, match="give an embedder, or flatten them"):
        make().update(torch.zeros(4, 3, 8, 8))
    with pytest.raises(ValueError, match="one vector for each"):
        make(lambda x: x[:1]).update(torch.zeros(4, 3))
    with pytest.raises(ValueError, match="2 of 4 samples have NaN"):
        make().update(torch.tensor([1.0, math.nan, math.inf, 0.0])[:, None].expand(4, 3))
    metric = make()
    metric.update(torch.randn(4, 3))
    with pytest.raises(ValueError, match=r"shape \(5,\), those before had \(3,\)"):
        metric.update(torch.randn(4, 5))


@pytest.mark.filterwarnings("ignore:The ``compute`` method")
@pytest.mark.parametrize("name", [name for name in ALL if name != "FID"])
def test_too_few_samples(name: str) -> None:
    with pytest.raises(ValueError, match=r"has 0 .* samples since the last reset"):
        ALL[name]().compute()


def test_an_embedder_is_asked_in_evaluation_mode_without_gradients() -> None:
    embedder = nn.Sequential(nn.Linear(5, 3), nn.Dropout(0.9), nn.BatchNorm1d(3)).train()
    metric: EmbeddedMetric = PRDC(embedder=embedder)
    metric.update(torch.randn(20, 5))
    assert not metric.fake[0].requires_grad
    assert torch.equal(embedder[2].running_mean, torch.zeros(3))
