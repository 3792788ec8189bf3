"""The health monitor on a GPU: training does not notice it, and it sees what is there."""

import pytest
import torch
from helpers import fit, make, points, weights
from watched import EVERY, monitor

from gan_lightning import HealthMonitor

pytestmark = pytest.mark.gpu


@pytest.mark.parametrize("precision", ["32-true", "bf16-mixed", "16-mixed"])
def test_weights_are_bit_equal_with_and_without(precision: str) -> None:
    def trained(*callbacks: HealthMonitor) -> torch.Tensor:
        gan = make()
        fit(gan, points(256, 60), accelerator="cuda", precision=precision, callbacks=list(callbacks))
        return weights(gan)

    watching = HealthMonitor(every=EVERY, samples=64)
    assert torch.equal(trained(watching), trained())


def test_a_check_is_made_at_each_interval() -> None:
    watching = monitor()
    fit(make(), points(256, 60), accelerator="cuda", callbacks=[watching])
    assert watching.is_healthy
    assert len(watching._judge.history) >= 4
