"""What each technique must keep when a run is saved: pickle, checkpoint and resume, in plain data."""

import pickle
from pathlib import Path

import pytest
import torch
from helpers import InterruptError, StopAfter, fit, trainer, weights
from techniques import MIXINS, batches, fitted, toy

from gan_lightning import GAN
from gan_lightning.data import TensorData


def data(gan: GAN) -> TensorData:
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(64) % gan.num_classes if gan.num_classes else None
    return TensorData(torch.randn(64, 2, generator=generator), labels, batch_size=8, seed=3)


@pytest.mark.parametrize("cls", MIXINS)
def test_interrupt_and_resume_is_the_straight_run(cls: type[GAN], tmp_path: Path) -> None:
    straight, first, second = (toy(cls) for _ in range(3))
    full = fit(straight, data(straight))
    torch.manual_seed(2)
    with pytest.raises(InterruptError):
        trainer(callbacks=[StopAfter(3, tmp_path / "x.ckpt")]).fit(first, data(first))
    resumed = fit(second, data(second), ckpt_path=tmp_path / "x.ckpt", seed=999)
    assert straight.state_dict().keys() == second.state_dict().keys()
    for name, tensor in straight.state_dict().items():
        assert torch.equal(tensor, second.state_dict()[name]), name
    for mine, theirs in zip(full.optimizers, resumed.optimizers, strict=True):
        for p, q in zip(mine.state.values(), theirs.state.values(), strict=True):
            assert all(torch.equal(torch.as_tensor(p[key]), torch.as_tensor(q[key])) for key in p)


@pytest.mark.parametrize("cls", MIXINS)
def test_a_checkpoint_loads_safely_and_samples_the_same(cls: type[GAN], tmp_path: Path) -> None:
    gan = toy(cls)
    fitted(gan).save_checkpoint(tmp_path / "x.ckpt")
    torch.load(tmp_path / "x.ckpt", weights_only=True)
    back = type(gan).load_from_checkpoint(tmp_path / "x.ckpt", weights_only=True)
    assert torch.equal(back.sample(6, seed=0), gan.sample(6, seed=0))


@pytest.mark.parametrize("cls", MIXINS)
def test_it_pickles_before_and_after_training(cls: type[GAN]) -> None:
    gan = toy(cls)
    gan.__class__ = type("Toy", type(gan).__bases__, {"__module__": __name__})
    globals()["Toy"] = type(gan)
    assert torch.equal(weights(pickle.loads(pickle.dumps(gan))), weights(gan))
    fit(gan, batches(gan))
    assert torch.equal(pickle.loads(pickle.dumps(gan)).sample(5, seed=0), gan.sample(5, seed=0))
