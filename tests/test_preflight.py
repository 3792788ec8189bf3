"""Mistakes are found before the first update, and told with what was got, what was expected, what to do."""

from types import SimpleNamespace

import pytest
import torch
from helpers import LATENT, Batches, Labelled, fit, make, mlp, points, weights
from lightning.pytorch.strategies import ModelParallelStrategy
from torch import nn
from torch.utils.data import DataLoader

from gan_lightning import DCGAN, GAN, R1, Critique, VanillaGAN
from gan_lightning.batch import Batch
from gan_lightning.data import TensorData
from gan_lightning.losses import Hinge
from gan_lightning.networks import MLPDiscriminator, MLPGenerator
from gan_lightning.preflight import check_first_batch

NAN = torch.full((8, 2), float("nan"))


class Returns(nn.Module):
    """A discriminator that returns what it is told to, of its logits (N, 1)."""

    def __init__(self, change) -> None:
        super().__init__()
        self.net, self.change = mlp(2, 1), change

    def forward(self, x):
        return self.change(self.net(x))


@pytest.mark.parametrize(
    "change", [lambda y: y, lambda y: y[:, 0], lambda y: y[..., None, None], lambda y: Critique(y, y)]
)
def test_logits_of_any_usual_shape_train_alike(change) -> None:
    plain, changed = make(), make(discriminator=Returns(lambda y: y))
    changed.discriminator.net.load_state_dict(plain.discriminator.state_dict())
    changed.discriminator.change = change
    changed.generator.load_state_dict(plain.generator.state_dict())
    fit(plain)
    fit(changed)
    assert torch.equal(weights(plain), weights(changed))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda y: y.expand(-1, 2), r"logits of shape \(8, 2\) for 8 samples, expected \(N,\) or \(N, 1\)"),
        (lambda y: (y, y), r"returned tuple, expected logits"),
        (lambda y: y.mean(), r"logits of shape \(\)"),
        (lambda y: y[:4], r"logits of shape \(4, 1\) for 8 samples"),
    ],
)
def test_other_outputs_of_the_discriminator_are_refused(change, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fit(make(discriminator=Returns(change)))


@pytest.mark.parametrize(
    ("arguments", "data", "message"),
    [
        ({"generator": mlp(LATENT, 3)}, None, r"makes samples of shape \(3,\), the data have \(2,\)"),
        ({"generator": mlp(LATENT + 1, 2)}, None, r"generator Sequential fails on latents \(8, 4\).*latent_dim"),
        ({"latent_dim": 7}, None, r"generator Sequential fails on latents \(8, 7\).*latent_dim"),
        ({"discriminator": mlp(3, 1)}, None, r"discriminator Sequential fails on samples \(8, 2\)"),
        ({}, Batches(NAN), r"8 of the 8 real samples .* NaN or infinity, first at position 0: clean the data"),
        ({}, points(dtype=torch.float64), r"samples are torch.float64, the discriminator is torch.float32"),
        ({}, Batches(torch.zeros(8)), r"makes samples of shape \(2,\), the data have \(\)"),
        ({}, Batches(torch.zeros(8, 2, dtype=torch.uint8)), r"real samples are torch.uint8, expected floating point"),
        ({}, Batches(torch.zeros(0, 2)), r"first batch is empty"),
        ({}, Batches({"image": torch.zeros(8, 2)}), r"loader yields dict, expected samples as a tensor"),
        ({}, Batches([torch.zeros(8, 2)] * 3), r"list of \(Tensor, Tensor, Tensor\)"),
        (
            {"generator": nn.Sequential(mlp(LATENT, 2), nn.BatchNorm1d(2))},
            Batches(torch.zeros(1, 2)),
            r"batch norm needs two samples",
        ),
    ],
)
def test_networks_and_data_that_do_not_fit(arguments: dict, data, message: str) -> None:
    gan = make(**arguments)
    before = weights(gan)
    with pytest.raises((ValueError, TypeError), match=f"(?s){message}"):
        fit(gan, data)
    assert torch.equal(before, weights(gan)), "found before the first update"


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (None, r"loader yields samples only: yield \[samples, labels\]"),
        (torch.arange(8), r"range from 0 to 7, expected 0 to 2"),
        (torch.full((8,), -1), r"range from -1 to -1"),
        (torch.zeros(8), r"type torch.float32, expected \(8,\) integers"),
        (torch.zeros(8, 1, dtype=torch.int64), r"shape \(8, 1\)"),
    ],
)
def test_labels_missing_or_out_of_range(labels, message: str) -> None:
    gan = make(generator=Labelled(LATENT, 2, 3), discriminator=Labelled(2, 1, 3), num_classes=3)
    with pytest.raises(ValueError, match=message):
        fit(gan, Batches(torch.zeros(8, 2) if labels is None else [torch.zeros(8, 2), labels]))


def test_networks_for_another_number_of_classes() -> None:
    with pytest.raises(ValueError, match="built with num_classes=2, but the GAN gives it num_classes=3"):
        make(generator=Labelled(LATENT, 2, 2), discriminator=Labelled(2, 1, 3), num_classes=3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"latent_dim": 0}, "latent_dim must be at least 1, got 0"),
        ({"d_steps": 0}, "d_steps must be at least 1"),
        ({"micro_batches_g": 0}, "micro_batches_g must be at least 1"),
        ({"clip_d": 0.0}, "clip_d must be positive, got 0.0"),
        ({"num_classes": -1}, "num_classes must be at least 0, got -1"),
        ({"scheduler_interval": "step"}, "'iteration' or 'epoch', got 'step'"),
        (
            {"generator": MLPGenerator(3, (2,))},
            "MLPGenerator was built with latent_dim=3, but the GAN gives it latent_dim=4",
        ),
        ({"discriminator": MLPDiscriminator((2,), 5)}, "built with num_classes=5, but the GAN gives it num_classes=0"),
    ],
)
def test_construction(arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(**arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"latent_dim": "5"}, "latent_dim must be a whole number, got '5'"),
        ({"d_steps": 1.5}, "d_steps must be a whole number, got 1.5"),
        ({"clip_g": "1"}, "clip_g must be a number or None, got '1'"),
        ({"loss": "hinge"}, r"loss must be an instance, as in gan_lightning.losses.Hinge\(\), got 'hinge'"),
        ({"loss": Hinge}, "got the class Hinge"),
        ({"compile": "yes"}, "compile must be True, False, or arguments"),
        ({"optimizer_d": "adam"}, "optimizer_d must be a class or function"),
    ],
)
def test_construction_with_other_types(arguments: dict, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        make(**arguments)


def test_no_network_at_all() -> None:
    with pytest.raises(TypeError, match=r"generator must be a torch\.nn\.Module, got 'MLPGenerator'"):
        make(generator="MLPGenerator")


@pytest.mark.parametrize("recipe", [DCGAN, VanillaGAN])
def test_a_recipe_needs_a_shape(recipe) -> None:
    with pytest.raises(ValueError, match="or both networks"):
        recipe()


def test_images_out_of_the_generators_range_are_told() -> None:
    gan = DCGAN(shape=(1, 8, 8), width_d=4, width_g=4, latent_dim=LATENT)
    images = Batches(255 * torch.rand(8, 1, 8, 8))
    with pytest.warns(UserWarning, match=r"real images range from .* scale the data to \[-1, 1\]"):
        fit(gan, images)


@pytest.mark.filterwarnings("ignore:Total length of .* across ranks is zero")
def test_a_loader_without_a_batch() -> None:
    with pytest.raises(ValueError, match="nothing was trained, because the loader has no batch"):
        fit(make(), DataLoader(torch.randn(5, 2), batch_size=8, drop_last=True))
    assert fit(make(), limit_train_batches=0).global_step == 0, "asked for"


def test_a_penalty_with_batch_norm_is_told() -> None:
    gan = make(R1, discriminator=nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.Linear(8, 1)))
    with pytest.warns(UserWarning, match="batch norm makes depend on the other samples"):
        fit(gan)


class Smoothed(GAN):
    def d_targets(self, n):
        _, fake = super().d_targets(n)
        return 0.9, fake


def test_targets_without_effect_are_refused() -> None:
    with pytest.raises(ValueError, match="Hinge has none: drop it"):
        fit(make(Smoothed, loss=Hinge()))
    smoothed, plain = make(Smoothed), make()
    fit(smoothed)
    fit(plain)
    assert not torch.equal(weights(smoothed), weights(plain))


def test_networks_that_are_broken_from_the_start() -> None:
    gan = make()
    with torch.no_grad():
        gan.discriminator[0].weight.fill_(float("nan"))
    with pytest.raises(ValueError, match="discriminator returns NaN or infinity before its first update"):
        fit(gan)


def test_labels_of_any_integer_type_train() -> None:
    gan = make(generator=Labelled(LATENT, 2, 3), discriminator=Labelled(2, 1, 3), num_classes=3)
    fit(gan, Batches(*[[x, (torch.arange(8) % 3).to(torch.uint8)] for x in points()]))
    assert gan.sample(3, label=[0, 1, 2], seed=0).shape == (3, 2)


def test_too_few_data() -> None:
    with pytest.raises(ValueError, match="batch"):
        fit(make(), TensorData(torch.randn(5, 2), batch_size=8))


def test_the_check_leaves_no_trace() -> None:
    """Running statistics and the random state are as if the batch had not been tried."""
    generator = nn.Sequential(mlp(LATENT, 2), nn.BatchNorm1d(2))
    gan = make(generator=generator)
    fit(gan, points(batches=3))
    assert int(generator[1].num_batches_tracked) == 3


def test_exact_penalties_under_sharded_parameters_point_to_finite_differences() -> None:
    sharded = SimpleNamespace(strategy=object.__new__(ModelParallelStrategy))
    penalised, plain = make(R1), make(R1, r1_gamma=0.0)
    penalised._trainer = plain._trainer = sharded
    batch = Batch(torch.randn(4, 2), None)
    with pytest.raises(ValueError, match="FiniteDifferencePenalty in its place"):
        check_first_batch(penalised, batch)
    check_first_batch(plain, batch)
