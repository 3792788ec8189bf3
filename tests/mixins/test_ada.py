"""ADA: its probability by hand, what it does at given probabilities, and R1 through it."""

import pytest
import torch
from helpers import Batches, fit, make, points, weights
from torch import nn

from gan_lightning import DCGAN, GAN, R1
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
from gan_lightning.mixins import ADA, LabelFlipping


class Sign(nn.Module):
    """A discriminator that says one number of whatever it sees."""

    def __init__(self, logit: float) -> None:
        super().__init__()
        self.logit, self.weight = logit, nn.Parameter(torch.zeros(()))

    def forward(self, x):
        return self.weight * x.sum(1) + self.logit


def frozen(params):
    return torch.optim.SGD(params, lr=0.0)


def probability(logit: float, batches: int = 8, **arguments) -> float:
    gan = make(ADA, discriminator=Sign(logit), optimizer_d=frozen, optimizer_g=frozen, **arguments)
    fit(gan, points(n=10, batches=batches))
    return float(gan._ada_p())


def test_p_rises_while_the_signs_are_above_the_target_and_falls_below_it() -> None:
    """10 samples a batch and 4 batches a decision: 40 of 1000 images are 0.04."""
    kwargs = {"ada_speed_kimg": 1.0, "ada_initial": 0.5}
    assert probability(1.0, **kwargs) == pytest.approx(0.58)
    assert probability(-1.0, **kwargs) == pytest.approx(0.42)
    assert probability(1.0, batches=7, **kwargs) == pytest.approx(0.54)
    assert probability(1.0, ada_every=1, **kwargs) == pytest.approx(0.58)
    assert probability(1.0, ada_target=0.99, micro_batches_d=2, **kwargs) == pytest.approx(0.58)


def test_p_stays_within_its_bounds_and_does_not_wind_up() -> None:
    assert probability(1.0, ada_speed_kimg=0.01, ada_max=0.7) == pytest.approx(0.7)
    assert probability(-1.0, ada_speed_kimg=0.01, ada_initial=0.3) == 0.0
    gan = make(ADA, ada_speed_kimg=1.0, ada_initial=0.25)
    decide(gan, -1, 10**6)
    decide(gan, 1, 250)
    assert float(gan._ada_p()) == 0.25


def decide(gan, sign: int, images: int) -> None:
    gan.ada_signs.fill_(10 * sign)
    gan.ada_judged.fill_(10)
    gan._ada_adapt(images)


def test_p_stays_where_nothing_was_judged() -> None:
    gan = make(ADA, ada_initial=0.25)
    gan._ada_adapt(1000)
    assert float(gan._ada_p()) == 0.25


def test_an_infinite_speed_keeps_p() -> None:
    assert probability(1.0, ada_speed_kimg=float("inf"), ada_initial=0.5) == 0.5


def test_small_steps_are_not_lost_in_a_module_of_half_precision() -> None:
    gan = make(ADA, ada_initial=0.5).to(torch.bfloat16)
    for _ in range(1000):
        decide(gan, 1, 32)
    assert float(gan._ada_p()) == pytest.approx(0.5 + 1000 * 32 / 500_000)


def test_the_signs_are_those_of_the_real_logits() -> None:
    noted = {}

    class Spy(ADA):
        def note(self, name, value):
            noted.setdefault(name, []).append(float(value))

    linear = nn.Linear(2, 1, bias=False)
    nn.init.ones_(linear.weight)
    real = torch.tensor([[1.0, 1.0]] * 7 + [[-1.0, -1.0]])
    arguments = {"optimizer_d": frozen, "optimizer_g": frozen, "ada_speed_kimg": 0.1, "ada_target": 0.7}
    fit(make(Spy, discriminator=linear, **arguments), Batches(*[real] * 4))
    assert noted["d/ada_r"] == [0.75] * 4
    assert noted["d/ada_p"] == pytest.approx([0, 0, 0, 0.32])


@pytest.mark.parametrize("p", [0.0, 0.4])
def test_images_are_changed_as_often_as_p_says(p: float) -> None:
    gan = make(ADA, ada_initial=p, ada_policy=["cutout"])
    x = torch.randn(4000, 1, 4, 4)
    share = (gan.augment(x) != x).flatten(1).any(1).float().mean()
    assert float(share) == pytest.approx(p, abs=0.03)


def test_vectors_are_turned_and_get_noise() -> None:
    x = torch.ones(4000, 3)
    changed = make(ADA, ada_initial=0.4).augment(x)
    assert float((changed != x).any(1).float().mean()) == pytest.approx(1 - 0.6**2, abs=0.03)


@pytest.mark.parametrize("channels", [1, 3])
def test_all_categories_train_with_r1_through_them(channels: int) -> None:
    torch.manual_seed(0)
    every = ["blit", "geometry", "color", "filter", "noise", "cutout"]
    both = type("Both", (ADA, R1, DCGAN), {})
    arguments = {"ada_initial": 0.8, "ada_policy": every, "norm_d": "none"}
    gan = both(shape=(channels, 16, 16), width_d=4, width_g=4, latent_dim=4, **arguments)
    before = weights(gan)
    fit(gan, Batches(*torch.rand(2, 4, channels, 16, 16) * 2 - 1), precision="bf16-mixed")
    assert weights(gan).isfinite().all()
    assert not torch.equal(weights(gan), before)


def test_nothing_is_drawn_at_its_neutral_setting() -> None:
    gan, x = make(ADA, ada_max=0.0), torch.randn(4, 2)
    state = torch.get_rng_state()
    assert gan.augment(x) is x
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"ada_target": 1.0}, "expected ada_target"),
        ({"ada_speed_kimg": 0.0}, "expected ada_target.*ada_speed_kimg > 0"),
        ({"ada_every": 0}, "ada_every must be at least 1"),
        ({"ada_initial": 0.5, "ada_max": 0.0}, r"got 0\.5 and 0\.0"),
        ({"ada_initial": 0.9, "ada_max": 0.8}, "expected 0 <= ada_initial <= ada_max <= 1, got 0.9 and 0.8"),
        ({"ada_max": 1.5}, "ada_max <= 1"),
        ({"ada_policy": ["flips"]}, "expected ada_policy to name some of"),
    ],
)
def test_bad_arguments(arguments: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make(ADA, **arguments)


def test_its_interval_is_a_whole_number() -> None:
    with pytest.raises(TypeError, match=r"ada_every must be a whole number, got 2\.5"):
        make(ADA, ada_every=2.5)


class Centred(GAN):
    """The other coding of least squares."""

    def d_targets(self, n):
        return (1.0, -1.0) if super().d_targets(n) else None


@pytest.mark.parametrize("loss", [Wasserstein(), RelativisticPaired(), RelativisticAverage(), LeastSquares()])
def test_it_warns_of_losses_whose_border_is_not_at_zero(loss: AdversarialLoss) -> None:
    with pytest.warns(UserWarning, match=rf"with {type(loss).__name__} their border .* is not at 0"):
        fit(make(ADA, loss=loss), points(batches=1))
    for still in ({"ada_speed_kimg": float("inf"), "ada_initial": 0.3}, {"ada_max": 0.0}):
        fit(make(ADA, loss=loss, **still), points(batches=1))


def test_other_losses_are_left_in_peace() -> None:
    for loss in (NonSaturating(), Minimax(), Hinge()):
        fit(make(ADA, loss=loss), points(batches=1))
    fit(make(type("Both", (ADA, Centred), {}), loss=LeastSquares()), points(batches=1))
    flipped = type("Both", (ADA, LabelFlipping, Centred), {})
    fit(make(flipped, loss=LeastSquares()), points(batches=1))


def test_to_ask_for_targets_draws_nothing() -> None:
    class Quiet(ADA):
        def _ada_knows_the_border(self) -> bool:
            return super()._ada_knows_the_border() or True

    def trained(cls: type[GAN]) -> torch.Tensor:
        gan = make(type("Both", (cls, LabelFlipping), {}), loss=LeastSquares(), ada_initial=0.5, flip_share=0.3)
        fit(gan, points(batches=2))
        return weights(gan)

    class Deaf(ADA):
        def _ada_knows_the_border(self) -> bool:
            return True

    assert torch.equal(trained(Quiet), trained(Deaf))


def test_other_samples_are_refused() -> None:
    with pytest.raises(ValueError, match=r"takes images \(N, C, H, W\) or vectors \(N, F\), got .* \(4, 2, 8\)"):
        make(ADA).augment(torch.zeros(4, 2, 8))
