"""Other precisions and compiled networks."""

import pytest
import torch
from helpers import Batches, fit, make, points, weights

from gan_lightning import R1, LeCam, SampleGrid


@pytest.mark.filterwarnings(
    "ignore:Guards may run slower on Python 3.13.0",
    "ignore:.*torch.jit",
    "ignore:.*is deprecated",
    "ignore:.*non-leaf Tensor",
)
@pytest.mark.parametrize("arguments", [{}, {"cls": R1, "r1_gamma": 1.0}, {"cls": R1, "r1_gamma": 1.0, "r1_every": 2}])
def test_compiled_networks_train_alike_and_their_penalty_counts(arguments: dict) -> None:
    """Through torch.compile's whole front, with the backend that needs no compiler."""
    compiled, plain = make(compile={"backend": "aot_eager"}, **arguments), make(**arguments)
    keys = list(compiled.state_dict())
    fit(compiled)
    fit(plain)
    assert compiled._compiled
    assert list(compiled.state_dict()) == keys
    torch.testing.assert_close(weights(compiled), weights(plain), rtol=0, atol=1e-6)
    assert compiled.sample(3, seed=0).shape == (3, 2)


@pytest.mark.parametrize("precision", ["bf16-mixed", "64-true", "bf16-true"])
def test_other_precisions_train_with_a_penalty_and_are_sampled(precision: str, tmp_path) -> None:
    gan = make(R1, r1_gamma=1.0)
    fit(gan, precision=precision, callbacks=[SampleGrid(every=2)], default_root_dir=tmp_path)
    assert weights(gan).isfinite().all()
    assert gan.sample(3, seed=0).dtype == gan.dtype


def test_a_penalty_under_mixed_precision_is_computed_in_float32() -> None:
    seen = {}

    class Spy(R1):
        def d_terms(self, step):
            terms = super().d_terms(step)
            seen["r1"], seen["logits"] = terms["r1"].dtype, step.on_real.logits.dtype
            return terms

    fit(make(Spy), precision="bf16-mixed")
    assert seen == {"r1": torch.float32, "logits": torch.float32}


def test_a_penalty_has_exact_gradients_under_mixed_precision() -> None:
    """The discriminator's gradient of the penalty alone, against float64: no product is rounded to bfloat16."""
    seen = []

    class Only(R1):
        def d_terms(self, step):
            terms = super().d_terms(step)
            terms.replace("adv", 0 * terms["adv"])
            return terms

        def on_before_optimizer_step(self, optimizer):
            super().on_before_optimizer_step(optimizer)
            seen.append(self.discriminator[0].weight.grad.double().clone())

    for precision in ("bf16-mixed", "64-true"):
        gan = make(Only, r1_gamma=1.0)
        if precision == "64-true":
            gan.double()
        fit(gan, Batches(*(x.to(gan.dtype) for x in points(batches=1))), precision=precision)
    mixed, exact = seen[0], seen[2]
    torch.testing.assert_close(mixed, exact, rtol=1e-5, atol=1e-6)


def test_running_means_of_techniques_stay_in_float32_under_bf16_true() -> None:
    gan = make(LeCam, lecam_weight=0.1)
    fit(gan, Batches(*(x.bfloat16() for x in points(batches=400))), precision="bf16-true")
    assert gan.discriminator[0].weight.dtype == torch.bfloat16
    assert gan.lecam_means.dtype == torch.float32
    assert float(gan.lecam_means[2]) == pytest.approx(1 - 0.99**400, abs=1e-4)  # in bfloat16 it stops at 0.8
    assert gan.to(torch.float64).lecam_means.dtype == torch.float64
