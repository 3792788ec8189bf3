"""What is known of the weights between two checks."""

import pytest
import torch
from helpers import mlp
from torch import nn

from gan_lightning.health.weights import WeightWatch


def test_norm_and_change_by_hand() -> None:
    layer = nn.Linear(2, 1, bias=False)
    layer.weight.data[:] = torch.tensor([[3.0, 4.0]])
    watch = WeightWatch([layer])
    first = watch.look()
    assert first[0] == 5
    assert first[1].isnan()
    layer.weight.data[0, 0] += 2
    assert torch.equal(watch.look(), torch.tensor([41.0**0.5, 2.0]))


def test_the_spectrum_converges_to_the_largest_singular_values() -> None:
    network = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Linear(8, 5))
    watch = WeightWatch([network])
    for _ in range(60):
        found = watch.spectrum()
    matrices = [layer.weight.detach().double().flatten(1) for layer in (network[0], network[2])]
    expected = [torch.linalg.matrix_norm(matrix, 2) for matrix in matrices]
    torch.testing.assert_close(found.double(), torch.stack(expected), rtol=1e-3, atol=0)


def test_the_first_look_is_within_half_of_it_and_never_above() -> None:
    network = mlp(16, 16, width=128)
    found = WeightWatch([network]).spectrum()
    for value, weight in zip(found, (network[0].weight, network[2].weight), strict=True):
        true = torch.linalg.matrix_norm(weight.detach(), 2)
        assert 0.5 * true < value < 1.0001 * true


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_it_tells_lost_weights_and_recovers_from_them(bad: float) -> None:
    layer = nn.Linear(4, 4)
    watch, good = WeightWatch([layer]), layer.weight.detach().clone()
    before = watch.spectrum()
    layer.weight.data[0, 0] = bad
    assert not watch.spectrum().isfinite().any()
    layer.weight.data[:] = good
    for _ in range(30):
        after = watch.spectrum()
    assert after == pytest.approx(before, rel=0.2)


def test_a_layer_of_zeros_has_none_and_may_grow() -> None:
    layer = nn.Linear(4, 4)
    nn.init.zeros_(layer.weight)
    watch = WeightWatch([layer])
    assert watch.spectrum() == 0
    nn.init.eye_(layer.weight)
    watch.spectrum()
    assert watch.spectrum() == pytest.approx(1)


def test_networks_without_layers_have_no_spectrum() -> None:
    assert len(WeightWatch([nn.BatchNorm1d(4)]).spectrum()) == 0


def test_it_goes_on_from_a_checkpoint_bit_for_bit() -> None:
    network = mlp(4, 4)
    watch, other = WeightWatch([network]), WeightWatch([network])
    watch.look()
    watch.spectrum()
    other.load_state_dict(watch.state_dict())
    assert torch.equal(watch.look(), other.look())
    assert torch.equal(watch.spectrum(), other.spectrum())
