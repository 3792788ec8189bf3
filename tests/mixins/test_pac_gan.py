"""PacGAN: who is judged with whom, by a discriminator of which size."""

import pytest
import torch
from helpers import Batches, fit, make, mlp, points, trainer, weights
from torch import nn
from torch.nn.functional import softplus

from gan_lightning import DCGAN, AdamGAN, VanillaGAN
from gan_lightning.mixins import R1, PacGAN


def test_training_is_that_of_a_discriminator_of_pairs_by_hand():
    gan = make(PacGAN, discriminator=mlp(4, 1))
    twin = make(PacGAN, discriminator=mlp(4, 1))
    twin.load_state_dict(gan.state_dict())
    data = points(batches=3)
    fit(gan, data)

    optimizer_d, optimizer_g = AdamGAN(twin.discriminator.parameters()), AdamGAN(twin.generator.parameters())
    torch.manual_seed(2)
    for real in data:
        fake = twin.generator(torch.randn(8, 4))
        pairs = [torch.stack([torch.cat([x[i], x[i + 1]]) for i in range(0, 8, 2)]) for x in (real, fake.detach())]
        optimizer_d.zero_grad()
        (softplus(-twin.discriminator(pairs[0])).mean() + softplus(twin.discriminator(pairs[1])).mean()).backward()
        optimizer_d.step()
        optimizer_g.zero_grad()
        softplus(-twin.discriminator(fake.reshape(4, 4))).mean().backward()
        optimizer_g.step()
    torch.testing.assert_close(weights(gan), weights(twin), rtol=0, atol=1e-6)


def test_there_is_one_logit_per_pack():
    seen = []

    class Spy(PacGAN):
        def d_terms(self, step):
            seen.append((len(step.on_real.logits), len(step.on_fake.logits)))
            return super().d_terms(step)

    fit(make(Spy, pack=4, discriminator=mlp(8, 1)), points(batches=1))
    assert seen == [(2, 2)]


@pytest.mark.parametrize("joint", [True, False, None])
def test_joint_passes_never_mix_the_kinds(joint):
    def trained(joint_pass):
        torch.manual_seed(0)
        gan = make(PacGAN, discriminator=mlp(4, 1), joint_pass=joint_pass)
        fit(gan)
        return weights(gan)

    torch.testing.assert_close(trained(joint), trained(False), rtol=0, atol=1e-6)


def test_a_pack_that_divides_the_batch_but_not_its_half_trains():
    fit(make(PacGAN, discriminator=mlp(4, 1)), points(n=6))
    fit(make(PacGAN, pack=3, discriminator=mlp(6, 1)), points(n=3))


def test_gradient_penalties_work_on_packs():
    gan = make(type("Both", (PacGAN, R1), {}), discriminator=mlp(4, 1))
    fit(gan)
    assert weights(gan).isfinite().all()


@pytest.mark.parametrize(("recipe", "shape"), [(VanillaGAN, (2,)), (DCGAN, (1, 8, 8))])
def test_recipes_build_a_discriminator_for_packs(recipe, shape):
    gan = type("Packed", (PacGAN, recipe), {})(shape=shape, width_d=4, width_g=4, latent_dim=4, pack=3)
    fit(gan, Batches(torch.randn(6, *shape).clamp(-1, 1)))
    assert gan.sample(2).shape == (2, *shape)


def test_a_batch_that_cannot_be_packed_is_found_before_training():
    with pytest.raises(ValueError, match="batch of 8 cannot be packed by 3"):
        fit(make(PacGAN, pack=3, discriminator=mlp(6, 1)))


@pytest.mark.parametrize("sizes", [(8, 5), (5, 8), (8, 1), (1,)])
def test_held_out_batches_of_any_size_are_judged(sizes):
    """By hand: the first samples fill the last pack, and the mean is over all packs."""

    class Mean(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(()))

        def forward(self, x):
            assert x.shape[1] == 6
            seen.append(x)
            return self.weight * x.mean(1)

    seen = []
    gan = make(PacGAN, pack=3, discriminator=Mean(), generator=mlp(4, 2))
    held_out = [torch.arange(2.0 * n).view(n, 2) + 100 for n in sizes]
    (result,) = trainer().validate(gan, Batches(*held_out), verbose=False)
    assert all(torch.isfinite(torch.tensor(value)) for value in result.values())
    real = [x for x in seen[1:] if x.min() >= 100]  # the first is the check's
    for n, packs in zip(sizes, real, strict=True):
        rows = [i % n for i in range(-(-n // 3) * 3)]
        expected = [
            [value for i in rows[k : k + 3] for value in (100.0 + 2 * i, 101.0 + 2 * i)] for k in range(0, len(rows), 3)
        ]
        assert packs.tolist() == expected


def test_a_fit_validates_on_a_last_batch_that_cannot_be_packed():
    gan = make(PacGAN, discriminator=mlp(4, 1))
    run = trainer()
    held_out = Batches(torch.randn(8, 2), torch.randn(5, 2), torch.randn(1, 2))
    run.fit(gan, points(), held_out)
    assert 0 < run.callback_metrics["val/d/score"] < 1


def test_a_shape_of_ones_own_is_not_overwritten():
    packed = type("Packed", (PacGAN, VanillaGAN), {})
    with pytest.raises(ValueError, match=r"of shape \(4,\), but shape_d is \(6,\): leave shape_d out"):
        packed(shape=(2,), shape_d=(6,))
    assert packed(shape=(2,), shape_d=(4,)).discriminator(torch.zeros(3, 4)).logits.shape == (3,)


def test_bad_arguments():
    with pytest.raises(ValueError, match="pack must be at least 1, got 0"):
        make(PacGAN, pack=0)
    with pytest.raises(TypeError, match=r"pack must be a whole number, got 1\.5"):
        make(PacGAN, pack=1.5)
    labelled = {"generator": nn.Identity(), "discriminator": nn.Identity(), "num_classes": 3}
    with pytest.raises(ValueError, match="num_classes is 3: train without labels, or set pack=1"):
        make(PacGAN, **labelled)
    assert make(PacGAN, pack=1, **labelled).num_classes == 3
