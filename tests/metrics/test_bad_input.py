"""What every metric refuses, and what it says to do: type, range, NaN, sizes, embedders, too few."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from gan_lightning.metrics import FID, KID, NDB, PRDC, InceptionScore, StackedModes, VendiScore


class Pooled(nn.Module):
    """Embeds images of any size; as a classifier, of any number of channels."""

    num_features = 3

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(1)[:, :3]


class Wrong(Pooled):
    """Returns one vector too few."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x)[1:]


OF_IMAGES: dict[str, Callable[[nn.Module], Any]] = {
    "FID": lambda network: FID(network),
    "KID": lambda network: KID(10, 2, network),
    "NDB": lambda network: NDB(2, network),
    "PRDC": lambda network: PRDC(2, network),
    "VendiScore": lambda network: VendiScore(network),
    "InceptionScore": lambda network: InceptionScore(network, 3),
    "StackedModes": lambda network: StackedModes(network, 3),
}
CASES = {
    "bytes": (torch.zeros(4, 3, 4, 4, dtype=torch.uint8), r"torch.uint8: scale bytes by x / 127.5 - 1"),
    "0..255": (
        torch.full((4, 3, 4, 4), 255.0),
        r"expected images in \[-1, 1\].*got values in \[255, 255\].*scale bytes",
    ),
    "NaN": (torch.full((4, 3, 4, 4), torch.nan), "4 of 4 samples have NaN"),
    "infinite": (torch.full((4, 3, 4, 4), torch.inf), "4 of 4 samples have NaN or infinite"),
    "no batch": (torch.zeros(4), r"expected floating-point samples \(N, ...\)"),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", OF_IMAGES)
def test_wrong_images(name: str, case: str) -> None:
    images, said = CASES[case]
    with pytest.raises(ValueError, match=said):
        OF_IMAGES[name](Pooled()).update(images)


@pytest.mark.parametrize("name", OF_IMAGES)
def test_a_mix_of_sizes(name: str) -> None:
    metric = OF_IMAGES[name](Pooled())
    metric.update(torch.zeros(4, 3, 4, 4))
    with pytest.raises(ValueError, match=r"shape \(3, 8, 8\), those before had \(3, 4, 4\).*resize"):
        metric.update(torch.zeros(4, 3, 8, 8))
    metric.reset()
    metric.update(torch.zeros(4, 3, 8, 8))


@pytest.mark.parametrize("name", OF_IMAGES)
def test_an_embedder_of_another_shape(name: str) -> None:
    with pytest.raises(ValueError, match=r"one vector for each|check num_classes"):
        OF_IMAGES[name](Wrong()).update(torch.zeros(4, 3, 4, 4))


@pytest.mark.filterwarnings("ignore:The ``compute`` method")
@pytest.mark.parametrize("name", OF_IMAGES)
def test_nothing_and_too_few(name: str) -> None:
    metric = OF_IMAGES[name](Pooled())
    with pytest.raises(ValueError, match="update"):
        metric.compute()
    if getattr(metric, "fewest", 1) > 1:
        metric.update(torch.zeros(1, 3, 4, 4))
        metric.update(torch.zeros(1, 3, 4, 4), real=True)
        with pytest.raises(ValueError, match=f"{metric.fewest}"):
            metric.compute()


@pytest.mark.parametrize("name", OF_IMAGES)
def test_no_tensor(name: str) -> None:
    with pytest.raises(TypeError, match="expected a tensor of samples"):
        OF_IMAGES[name](Pooled()).update([1.0])


def test_few_samples_are_told() -> None:
    score, prdc = InceptionScore(nn.Linear(3, 3), 3), PRDC(2)
    score.update(torch.randn(20, 3))
    with pytest.warns(UserWarning, match="an inception score of 20 samples is too small.*give 5,000"):
        score.compute()
    for real in (True, False):
        prdc.update(torch.randn(30, 3), real=real)
    with pytest.warns(UserWarning, match="of 30 samples say little.*give 1,000"):
        prdc.compute()
