"""What each technique must keep in other modes: mixed precision, compiled networks, several updates, small batches."""

from typing import Any

import pytest
import torch
from helpers import weights
from techniques import MIXINS, fitted, toy

from gan_lightning import GAN, FiniteDifferencePenalty

MODES: dict[str, dict[str, Any]] = {
    "two discriminator updates": {"d_steps": 2},
    "two generator updates": {"g_steps": 2},
    "clipped": {"clip_d": 0.1, "clip_g": 0.1},
    "one pass": {"joint_pass": True},
}


@pytest.mark.parametrize("cls", MIXINS)
def test_bf16_mixed(cls: type[GAN]) -> None:
    gan = toy(cls)
    before = weights(gan)
    fitted(gan, precision="bf16-mixed")
    assert weights(gan).isfinite().all()
    assert weights(gan).dtype == torch.float32
    assert not torch.equal(weights(gan), before)


@pytest.mark.parametrize("cls", MIXINS)
def test_bf16_true(cls: type[GAN]) -> None:
    gan = toy(cls)
    if cls is FiniteDifferencePenalty:
        with pytest.raises(ValueError, match="would measure the rounding: use precision='bf16-mixed'"):
            fitted(gan, precision="bf16-true")
        return
    fitted(gan, precision="bf16-true")
    assert weights(gan).isfinite().all()
    assert weights(gan).dtype == torch.bfloat16


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("cls", MIXINS)
def test_other_orders_of_updates(cls: type[GAN], mode: str) -> None:
    gan = toy(cls, **MODES[mode])
    before = weights(gan)
    fitted(gan)
    assert weights(gan).isfinite().all()
    assert not torch.equal(weights(gan), before)


@pytest.mark.filterwarnings(
    "ignore:Guards may run slower on Python 3.13.0",
    "ignore:.*torch.jit",
    "ignore:.*is deprecated",
    "ignore:.*non-leaf Tensor",
    "ignore:.*not a leaf Tensor",
)
@pytest.mark.parametrize("cls", MIXINS)
def test_compiled_networks_train_as_uncompiled_ones(cls: type[GAN]) -> None:
    """With the backend that runs the traced graph as it is: what is tested is that tracing changes nothing."""
    compiled, plain = toy(cls, compile={"backend": "aot_eager"}), toy(cls)
    fitted(compiled)
    fitted(plain)
    torch.testing.assert_close(weights(compiled), weights(plain), rtol=0, atol=1e-5)
