"""PacGAN: who is judged with whom, by a discriminator of which size."""

import pytest
import torch
from helpers import Batches, fit, make, mlp, points, weights
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


def test_bad_arguments():
    with pytest.raises(ValueError, match="expected pack >= 1, got 0"):
        make(PacGAN, pack=0)
    labelled = {"generator": nn.Identity(), "discriminator": nn.Identity(), "num_classes": 3}
    with pytest.raises(ValueError, match="num_classes is 3: train without labels, or set pack=1"):
        make(PacGAN, **labelled)
    assert make(PacGAN, pack=1, **labelled).num_classes == 3
