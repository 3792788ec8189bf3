"""A checkpoint holds everything: interrupt and resume equal the straight run, and a wrong class is refused."""

import pickle
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers import LATENT, InterruptError, Labelled, StopAfter, fit, make, mlp, points, trainer, weights
from torch import nn

from gan_lightning import GAN, R1, VanillaGAN, compose
from gan_lightning.data import TensorData
from gan_lightning.losses import Hinge


def step_decay(optimizer):
    return torch.optim.lr_scheduler.StepLR(optimizer, 2, 0.9)


def data() -> TensorData:
    return TensorData(torch.randn(40, 2, generator=torch.Generator().manual_seed(0)), batch_size=8, seed=3)


def lazily_penalised() -> GAN:
    torch.manual_seed(0)
    generator = nn.Sequential(mlp(LATENT, 2), nn.BatchNorm1d(2), nn.Dropout(0.2))
    return make(R1, generator=generator, r1_gamma=1.0, r1_every=3, d_steps=2, scheduler_d=step_decay, clip_g=0.1)


def with_dropout_in_d() -> GAN:
    torch.manual_seed(0)
    discriminator = nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.Dropout(0.3), nn.ReLU(), nn.Linear(8, 1))
    arguments = {"scheduler_d": step_decay, "scheduler_interval": "epoch"}
    return make(generator=mlp(LATENT, 2), discriminator=discriminator, **arguments)


@pytest.mark.parametrize("interrupted_after", [1, 4, 5, 7, 10])
@pytest.mark.parametrize("precision", ["32-true", "64-true"])
def test_resuming_with_validation_epoch_schedulers_and_other_precisions(
    interrupted_after: int, precision: str, tmp_path: Path
) -> None:
    arguments = {"max_epochs": 3, "precision": precision, "num_sanity_val_steps": 2}

    def held_out_data() -> TensorData:
        samples = torch.randn(50, 2, generator=torch.Generator().manual_seed(0))
        return TensorData(samples, batch_size=8, seed=3, val_fraction=0.2)

    straight, first, second = with_dropout_in_d(), with_dropout_in_d(), with_dropout_in_d()
    full = fit(straight, held_out_data(), **arguments)
    torch.manual_seed(2)
    with pytest.raises(InterruptError):
        trainer(**arguments, callbacks=[StopAfter(interrupted_after, tmp_path / "x.ckpt")]).fit(first, held_out_data())
    resumed = fit(second, held_out_data(), ckpt_path=tmp_path / "x.ckpt", seed=999, **arguments)
    for name, tensor in straight.state_dict().items():
        assert torch.equal(tensor, second.state_dict()[name]), name
    for mine, theirs in zip(full.optimizers, resumed.optimizers, strict=True):
        assert mine.param_groups[0]["lr"] == theirs.param_groups[0]["lr"]


@pytest.mark.parametrize("interrupted_after", range(1, 13))
def test_resuming_equals_the_straight_run_bit_for_bit(interrupted_after: int, tmp_path: Path) -> None:
    """Two epochs of five batches and a bit; the generator is updated every second batch."""
    straight = lazily_penalised()
    full = fit(straight, data(), max_epochs=3)

    first = lazily_penalised()
    torch.manual_seed(2)
    run = trainer(max_epochs=3, callbacks=[StopAfter(interrupted_after, tmp_path / "x.ckpt")])
    with pytest.raises(InterruptError):
        run.fit(first, data())

    second = lazily_penalised()
    resumed = fit(second, data(), ckpt_path=tmp_path / "x.ckpt", seed=999, max_epochs=3)
    assert second.iteration == straight.iteration == 15
    assert resumed.global_step == full.global_step
    for name, tensor in straight.state_dict().items():
        assert torch.equal(tensor, second.state_dict()[name]), name
    for mine, theirs in zip(full.optimizers, resumed.optimizers, strict=True):
        assert str(mine.state_dict()) == str(theirs.state_dict())


def save(gan: GAN, file: Path) -> Path:
    run = fit(gan)
    run.save_checkpoint(file)
    return file


def test_a_recipe_comes_back_from_its_file_alone(tmp_path: Path) -> None:
    torch.manual_seed(0)
    gan = VanillaGAN(shape=(2,), latent_dim=LATENT, width_g=8, width_d=8)
    back = VanillaGAN.load_from_checkpoint(save(gan, tmp_path / "x.ckpt"), weights_only=True)
    assert torch.equal(weights(gan), weights(back))
    assert back.iteration == gan.iteration == 4
    assert torch.equal(gan.sample(3, seed=0), back.sample(3, seed=0))


def test_networks_of_ones_own_are_given_again(tmp_path: Path) -> None:
    gan = make(R1, r1_gamma=3.0)
    file = save(gan, tmp_path / "x.ckpt")
    back = R1.load_from_checkpoint(file, generator=mlp(LATENT, 2), discriminator=mlp(2, 1), weights_only=True)
    assert back.r1_gamma == 3.0
    assert torch.equal(weights(gan), weights(back))


def test_loading_as_another_class_is_refused(tmp_path: Path) -> None:
    file = save(make(R1), tmp_path / "x.ckpt")
    networks = {"generator": mlp(LATENT, 2), "discriminator": mlp(2, 1)}
    with pytest.raises(ValueError, match=r"made by gan_lightning\.mixins\.r1\.R1 .* as GAN \(only there: R1\)"):
        GAN.load_from_checkpoint(file, **networks)
    with pytest.raises(ValueError, match="cannot be loaded as GAN"):
        fit(make(), ckpt_path=file)


def test_the_same_techniques_under_another_name_are_accepted(tmp_path: Path) -> None:
    class MyGAN(R1, GAN):
        pass

    file = save(make(MyGAN), tmp_path / "x.ckpt")
    networks = {"generator": mlp(LATENT, 2), "discriminator": mlp(2, 1)}
    assert compose.R1__GAN.load_from_checkpoint(file, **networks, weights_only=True).iteration == 4


def test_a_foreign_checkpoint_is_refused(tmp_path: Path) -> None:
    gan = make()
    torch.save({"state_dict": gan.state_dict(), "pytorch-lightning_version": "2.6.4"}, tmp_path / "x.ckpt")
    with pytest.raises(ValueError, match="was not made by a GAN of gan_lightning"):
        GAN.load_from_checkpoint(tmp_path / "x.ckpt", generator=mlp(LATENT, 2), discriminator=mlp(2, 1), latent_dim=4)


def test_another_loss_is_told(tmp_path: Path) -> None:
    file = save(make(loss=Hinge()), tmp_path / "x.ckpt")
    with pytest.warns(UserWarning, match="trained with the loss Hinge, this module has NonSaturating"):
        GAN.load_from_checkpoint(file, generator=mlp(LATENT, 2), discriminator=mlp(2, 1))


def test_hyperparameters_are_plain() -> None:
    gan = make(R1, generator=Labelled(LATENT, 2, 3), discriminator=Labelled(2, 1, 3), num_classes=3, loss=Hinge())
    assert gan.hparams["num_classes"] == 3
    assert gan.hparams["r1_gamma"] == 10.0
    assert not {"generator", "discriminator", "loss", "optimizer_d"} & set(gan.hparams)


@pytest.mark.parametrize("cls", [R1, compose.R1__GAN])
def test_pickles(cls: type[GAN]) -> None:
    gan = make(cls, r1_gamma=3.0)
    fit(gan, points(batches=1))
    back = pickle.loads(pickle.dumps(gan))
    assert type(back) is cls
    assert back.r1_gamma == 3.0
    assert torch.equal(weights(gan), weights(back))


def test_numpys_numbers_are_pythons_in_a_checkpoint(tmp_path: Path) -> None:
    optimizer = partial(torch.optim.Adam, lr=np.float64(1e-3))
    gan = make(R1, r1_gamma=np.logspace(0, 1, 3)[1], optimizer_d=optimizer)
    fit(gan).save_checkpoint(tmp_path / "x.ckpt")
    saved = torch.load(tmp_path / "x.ckpt", weights_only=True)
    assert saved["hyper_parameters"]["r1_gamma"] == gan.r1_gamma
    assert type(saved["optimizer_states"][0]["param_groups"][0]["lr"]) is float
    fit(make(R1, r1_gamma=gan.r1_gamma, optimizer_d=optimizer), max_epochs=2, ckpt_path=tmp_path / "x.ckpt")
