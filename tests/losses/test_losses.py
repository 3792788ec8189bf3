"""Every loss against a loop over Python numbers, written from the paper's formula."""

import math

import jaxtyping
import pytest
import torch

from gan_lightning import losses
from gan_lightning.losses import (
    AdversarialLoss,
    Hinge,
    LeastSquares,
    Minimax,
    NonSaturating,
    RelativisticAverage,
    RelativisticPaired,
    Wasserstein,
)
from gan_lightning.losses.base import check_target_shape
from gan_lightning.losses.relativistic import check_pairs


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def log_s(x):
    return -math.log1p(math.exp(-x))


def ce(logit, target):
    return -target * log_s(logit) - (1 - target) * log_s(-logit)


def ns_d(real, fake, b, a):
    return mean(ce(r, b) for r in real) + mean(ce(f, a) for f in fake)


def paired(better, worse):
    return mean(-log_s(b - w) for b, w in zip(better, worse, strict=True))


def average(better, worse):
    over, under = mean(better), mean(worse)
    return mean(-math.log(1 / (1 + math.exp(under - b))) for b in better) + mean(
        -math.log(1 - 1 / (1 + math.exp(over - w))) for w in worse
    )


# loss: (D's loss with targets b, a; G's loss), straight from the papers
REFERENCE = {
    NonSaturating(): (ns_d, lambda fake, real: mean(-log_s(f) for f in fake)),
    Minimax(): (ns_d, lambda fake, real: mean(math.log(1 - 1 / (1 + math.exp(-f))) for f in fake)),
    LeastSquares(): (
        lambda real, fake, b, a: mean((r - b) ** 2 for r in real) / 2 + mean((f - a) ** 2 for f in fake) / 2,
        lambda fake, real: mean((f - 1) ** 2 for f in fake) / 2,
    ),
    LeastSquares(c=0.25): (None, lambda fake, real: mean((f - 0.25) ** 2 for f in fake) / 2),
    Hinge(): (
        lambda real, fake, b, a: mean(max(0, 1 - r) for r in real) + mean(max(0, 1 + f) for f in fake),
        lambda fake, real: -mean(fake),
    ),
    Wasserstein(): (lambda real, fake, b, a: mean(fake) - mean(real), lambda fake, real: -mean(fake)),
    RelativisticPaired(): (lambda real, fake, b, a: paired(real, fake), paired),
    RelativisticAverage(): (lambda real, fake, b, a: average(real, fake), average),
}
ALL = pytest.mark.parametrize("loss", REFERENCE, ids=lambda loss: type(loss).__name__)
WITH_TARGETS = pytest.mark.parametrize(
    "loss", [NonSaturating(), Minimax(), LeastSquares()], ids=lambda x: type(x).__name__
)


@pytest.fixture
def logits():
    generator = torch.Generator().manual_seed(0)
    return tuple(2 * torch.randn(9, generator=generator, dtype=torch.float64) for _ in range(2))


def test_every_exported_loss_is_tested():
    exported = {getattr(losses, name) for name in losses.__all__} - {AdversarialLoss, losses.Target}
    assert {x for x in exported if isinstance(x, type)} == {type(loss) for loss in REFERENCE}


@ALL
def test_matches_the_formula(loss, logits):
    real, fake = logits
    d, g = REFERENCE[loss]
    if d is not None:
        assert loss.d_loss(real, fake).item() == pytest.approx(d(real.tolist(), fake.tolist(), 1.0, 0.0), rel=1e-12)
    given = (fake, real) if loss.relativistic else (fake,)
    assert loss.g_loss(*given).item() == pytest.approx(g(fake.tolist(), real.tolist()), rel=1e-12)
    assert loss.g_loss(fake, real).item() == loss.g_loss(*given).item()


@WITH_TARGETS
@pytest.mark.parametrize(("b", "a"), [(0.9, 0.0), (1.0, 0.1), (0.9, 0.2), (0.0, 1.0)])
def test_number_targets(loss, logits, b, a):
    real, fake = logits
    d = next(d for other, (d, _) in REFERENCE.items() if type(other) is type(loss) and d)
    assert loss.d_loss(real, fake, (b, a)).item() == pytest.approx(d(real.tolist(), fake.tolist(), b, a), rel=1e-12)


@WITH_TARGETS
def test_tensor_targets(loss, logits):
    real, fake = logits
    b, a = torch.linspace(0, 1, 9).double(), torch.linspace(1, 0.5, 9).double()
    single = {
        NonSaturating: ce,
        Minimax: ce,
        LeastSquares: lambda logit, target: (logit - target) ** 2 / 2,
    }[type(loss)]
    expected = mean(map(single, real.tolist(), b.tolist())) + mean(map(single, fake.tolist(), a.tolist()))
    assert loss.d_loss(real, fake, (b, a)).item() == pytest.approx(expected, rel=1e-12)
    constant = loss.d_loss(real, fake, (torch.full_like(real, 0.9), 0.25))
    torch.testing.assert_close(constant, loss.d_loss(real, fake, (0.9, 0.25)), rtol=1e-12, atol=0)


@pytest.mark.parametrize("loss", [x for x in REFERENCE if not x.uses_targets], ids=lambda loss: type(loss).__name__)
def test_targets_have_no_effect_where_the_flag_says_so(loss, logits):
    assert torch.equal(loss.d_loss(*logits, (0.3, 0.7)), loss.d_loss(*logits))


@ALL
def test_gradients_are_exact(loss, logits):
    real, fake = (x.clone().requires_grad_() for x in logits)
    assert torch.autograd.gradcheck(lambda r, f: loss.d_loss(r, f, (0.9, 0.2)), (real, fake))
    assert torch.autograd.gradcheck(loss.g_loss, (fake, real) if loss.relativistic else (fake,))


@ALL
def test_each_player_moves_the_logits_its_own_way(loss):
    # inside the hinge's margins, between the squares' targets
    real, fake = (torch.linspace(0.01, 0.2, 9, requires_grad=True) for _ in range(2))
    d_real, d_fake = torch.autograd.grad(loss.d_loss(real, fake).sum(), (real, fake))
    (g_fake,) = torch.autograd.grad(loss.g_loss(fake, real), fake)
    assert d_real.sum() < 0 < d_fake.sum()
    assert g_fake.sum() < 0


@ALL
@pytest.mark.parametrize("signs", [(1, -1), (-1, 1)])
def test_extreme_logits_stay_finite(loss, signs):
    real, fake = (torch.full((4,), 1e4 * sign).requires_grad_() for sign in signs)
    for value in (loss.d_loss(real, fake), loss.d_loss(real, fake, (0.9, 0.1)), loss.g_loss(fake, real)):
        gradients = torch.autograd.grad(value, (real, fake), allow_unused=True)
        assert value.isfinite()
        assert all(g.isfinite().all() for g in gradients if g is not None)


def test_a_wrong_and_certain_discriminator_pays_its_certainty():
    real, fake = torch.full((4,), -1e4), torch.full((4,), 1e4)
    assert NonSaturating().d_loss(real, fake).item() == 2e4
    assert Minimax().g_loss(fake).item() == -1e4
    assert RelativisticPaired().d_loss(real, fake).item() == 2e4


@ALL
def test_unequal_counts(loss, logits):
    real, fake = logits[0], logits[1][:4]
    if isinstance(loss, RelativisticPaired):
        for call in (lambda: loss.d_loss(real, fake), lambda: loss.g_loss(fake, real)):
            with pytest.raises(ValueError, match=r"(\(9,\).*\(4,\)|\(4,\).*\(9,\)).*RelativisticAverage"):
                call()
    elif d := REFERENCE[loss][0]:
        assert loss.d_loss(real, fake).item() == pytest.approx(d(real.tolist(), fake.tolist(), 1.0, 0.0), rel=1e-12)


@pytest.mark.parametrize("other", [(1,), (5, 1), (4,)])
def test_shapes_that_would_broadcast_are_errors(other):
    with pytest.raises(ValueError, match="as many generated as real"):
        check_pairs(torch.zeros(5), torch.zeros(other))
    with pytest.raises(ValueError, match="one target per sample"):
        check_target_shape(torch.zeros(5), torch.zeros(other))
    with pytest.raises(ValueError, match="one target per sample"):
        NonSaturating().d_loss(torch.zeros(5), torch.zeros(5), (torch.ones(other), 0.0))
    with pytest.raises(ValueError, match="one target per sample"):
        LeastSquares().d_loss(torch.zeros(5), torch.zeros(5), (1.0, torch.ones(other)))


def test_the_type_checker_is_on():
    with pytest.raises(jaxtyping.TypeCheckError):
        Hinge().d_loss(torch.zeros(5), torch.zeros(5, 1))


def test_flags():
    assert {type(x) for x in REFERENCE if x.uses_targets} == {NonSaturating, Minimax, LeastSquares}
    assert {type(x) for x in REFERENCE if x.probabilistic} == {NonSaturating, Minimax}
    assert {type(x) for x in REFERENCE if x.relativistic} == {RelativisticPaired, RelativisticAverage}


def test_the_base_class_is_abstract():
    with pytest.raises(TypeError, match="abstract"):
        AdversarialLoss()
