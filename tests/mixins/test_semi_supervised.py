"""Semi-supervised learning against section 5 of the paper, a few labels on three clusters, and mistakes."""

import pytest
import torch
from helpers import Batches, fit

from gan_lightning.gans import SemiSupervisedGAN
from gan_lightning.mixins import SemiSupervised
from gan_lightning.networks import MLPDiscriminator, MLPGenerator


def make(cls=SemiSupervised, num_classes=3, **arguments):
    torch.manual_seed(0)
    networks = MLPGenerator(4, (2,), width=8), MLPDiscriminator((2,), width=8)
    return cls(*networks, latent_dim=4, num_classes=num_classes, **arguments)


class Spy(SemiSupervised):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.seen = []

    def d_terms(self, step):
        terms = super().d_terms(step)
        self.seen.append((terms, step.on_real.heads["classes"], step.on_fake.heads["classes"]))
        return terms

    def g_terms(self, step):
        terms = super().g_terms(step)
        self.seen.append((terms, None, step.on_fake.heads["classes"]))
        return terms


def with_generated(scores):
    """Probabilities of K classes and, last, "generated", whose score is 0."""
    return torch.cat([scores, torch.zeros(len(scores), 1)], 1).double().softmax(1)


@pytest.mark.parametrize("semi_weight", [1.0, 0.25])
def test_the_losses_are_section_5(semi_weight):
    """L_supervised = -E log p(y | x, y < K + 1); L_unsupervised = -E log[1 - p(K + 1 | x)] - E log p(K + 1 | G(z))."""
    label = torch.tensor([0, -1, 2, -1, -1, 1])
    gan = make(Spy, semi_weight=semi_weight)
    fit(gan, Batches([torch.randn(6, 2), label]))
    (d, real, fake), (g, _, from_g) = gan.seen
    p_real, p_fake, p_from_g = with_generated(real), with_generated(fake), with_generated(from_g)
    unsupervised = -(1 - p_real[:, -1]).log().mean() - p_fake[:, -1].log().mean()
    known = [(i, k) for i, k in enumerate(label.tolist()) if k >= 0]
    supervised = -sum((p_real[i, k] / (1 - p_real[i, -1])).log() for i, k in known) / 3
    assert d["adv"].item() == pytest.approx(unsupervised.item(), rel=1e-5)
    assert d["classes"].item() == pytest.approx(semi_weight * supervised.item(), rel=1e-5)
    assert g["adv"].item() == pytest.approx(-(1 - p_from_g[:, -1]).log().mean().item(), rel=1e-5)
    assert set(g) == {"adv"}


def test_no_network_is_told():
    gan = make()
    x, z = torch.randn(4, 2), torch.randn(4, 4)
    label = torch.tensor([0, -1, 2, 1])
    assert torch.equal(gan.discriminate(x, label).logits, gan.discriminate(x, None).logits)
    assert torch.equal(gan.generate(z, label), gan.generate(z, None))


def test_a_batch_without_labels_trains_the_rest():
    gan = make(Spy)
    fit(gan, Batches([torch.randn(6, 2), torch.full((6,), -1)]))
    assert gan.seen[0][0]["classes"].item() == 0
    assert gan.seen[0][0]["adv"].item() > 0


def test_a_label_per_class_suffices_for_separate_clusters():
    torch.manual_seed(0)
    centres = 3 * torch.tensor([[1.0, 0.0], [-0.5, 0.9], [-0.5, -0.9]])
    truth = torch.arange(60) % 3
    label = torch.where(torch.arange(60) < 3, truth, -1)
    data = Batches(*([centres[truth] + 0.2 * torch.randn(60, 2), label] for _ in range(200)))
    gan = SemiSupervisedGAN(shape=(2,), num_classes=3, latent_dim=2, width_d=32, width_g=32)
    fit(gan, data)
    test = centres[truth] + 0.2 * torch.randn(60, 2)
    predicted = gan.discriminator(test).heads["classes"].argmax(1)
    assert (predicted == truth).float().mean() > 0.95


def test_labels_below_minus_one_are_refused():
    with pytest.raises(ValueError, match="labels range from -2"):
        fit(make(), Batches([torch.randn(4, 2), torch.tensor([0, -2, 1, 2])]))


def test_bad_arguments():
    with pytest.raises(ValueError, match="semi_weight >= 0"):
        make(semi_weight=-1.0)
    with pytest.raises(ValueError, match="num_classes of at least 2"):
        make(num_classes=0)
    with pytest.raises(ValueError, match="no num_features"):
        SemiSupervised(MLPGenerator(4, (2,)), torch.nn.Linear(2, 1), latent_dim=4, num_classes=3)
