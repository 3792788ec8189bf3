"""Modes of stacked channels, counted by hand, and mistakes."""

import pytest
import torch
from torch import Tensor, nn

from gan_lightning.metrics import StackedModes


class Brightness(nn.Module):
    """Tells class c by a brightness of c."""

    def forward(self, x: Tensor) -> Tensor:
        return -8 * (x.mean((1, 2, 3))[:, None] - torch.arange(10.0)).square()


def images(modes: Tensor) -> Tensor:
    digits = torch.stack([modes // 100, modes // 10 % 10, modes % 10], 1)
    return digits.float()[:, :, None, None].expand(-1, -1, 2, 2)


def test_all_modes_once_have_no_divergence() -> None:
    measured = StackedModes(Brightness())
    for part in torch.arange(1000).split(300):
        measured.update(images(part))
    found = measured.compute()
    assert int(found["modes"]) == 1000
    assert float(found["kl"]) == pytest.approx(0, abs=1e-12)
    assert float(found["confidence"]) > 0.99


def test_one_mode_has_all_the_divergence_there_is() -> None:
    measured = StackedModes(Brightness())
    measured.update(images(torch.full((50,), 417)))
    assert measured.counts.argmax() == 417
    assert float(measured.compute()["kl"]) == pytest.approx(torch.tensor(1000.0).log().item())


def test_uneven_classes_are_the_measure() -> None:
    shares = [0.19] + [0.09] * 9
    measured = StackedModes(Brightness(), shares=shares)
    drawn = torch.multinomial(torch.tensor(shares), 3 * 20_000, replacement=True).view(-1, 3)
    measured.update(images((drawn * torch.tensor([100, 10, 1])).sum(1)))
    found = measured.compute()
    torch.testing.assert_close(found["kl"], found["kl_perfect"], rtol=0.1, atol=0)
    assert float(found["modes_perfect"]) == pytest.approx(1000, abs=1)


@pytest.mark.filterwarnings("ignore:The ``compute`` method")
def test_mistakes() -> None:
    with pytest.raises(ValueError, match=r"\(N, 3, H, W\)"):
        StackedModes(Brightness()).update(torch.zeros(2, 1, 4, 4))
    with pytest.raises(ValueError, match="check num_classes"):
        StackedModes(Brightness(), num_classes=4).update(torch.zeros(2, 3, 4, 4))
    with pytest.raises(ValueError, match="none since the last reset"):
        StackedModes(Brightness()).compute()
    with pytest.raises(ValueError, match="NaN or infinite"):
        StackedModes(Brightness()).update(torch.full((2, 3, 4, 4), torch.nan))
    with pytest.raises(ValueError, match="sum 1"):
        StackedModes(Brightness(), shares=[0.5] * 10)
