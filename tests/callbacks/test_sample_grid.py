"""The same latents in the same place, on whatever takes pictures, and training none the wiser."""

from pathlib import Path

import numpy as np
import pytest
import torch
from helpers import LATENT, Batches, fit, make, points
from lightning.pytorch.loggers import CSVLogger, Logger
from PIL import Image
from torch import nn

from gan_lightning import DCGAN, GeneratorEMA, SampleGrid
from gan_lightning.callbacks.generator_ema import averaged_generator
from gan_lightning.pictures.images import lay_out


def images() -> Batches:
    return Batches(*torch.rand(4, 8, 1, 8, 8, generator=torch.Generator().manual_seed(0)) * 2 - 1)


def small() -> DCGAN:
    torch.manual_seed(1)
    return DCGAN(shape=(1, 8, 8), width_d=4, width_g=4, latent_dim=LATENT)


def test_watching_changes_nothing(tmp_path: Path) -> None:
    watched, plain = small(), small()
    fit(watched, images(), callbacks=[SampleGrid(every=1, rows=2, columns=2)], default_root_dir=tmp_path)
    fit(plain, images())
    for name, tensor in plain.state_dict().items():
        assert torch.equal(tensor, watched.state_dict()[name]), name


def test_pictures_lie_in_the_runs_folder_and_the_last_is_named(tmp_path: Path, capsys) -> None:
    logger = CSVLogger(tmp_path, name="x")
    gan = small()
    grid = SampleGrid(every=2, rows=2, columns=3)
    fit(gan, images(), callbacks=[grid], logger=logger, log_every_n_steps=1)
    folder = Path(logger.log_dir)
    assert [file.name for file in sorted((folder / "media").iterdir())] == [
        "samples-0000001.png",
        "samples-0000003.png",
    ]
    assert "samples.png" in capsys.readouterr().out
    drawn, expected = np.asarray(Image.open(folder / "samples.png")), lay_out(gan.sample(6, seed=0), 3)
    np.testing.assert_array_equal(drawn[-expected.shape[0] :, : expected.shape[1]], expected)


class Gallery(Logger):
    """A logger that takes pictures as wandb's does."""

    name = version = "gallery"

    def __init__(self) -> None:
        super().__init__()
        self.taken = []

    def log_image(self, key, images, step) -> None:
        self.taken.append((key, images[0].size, step))

    def log_metrics(self, metrics, step=None) -> None:
        pass

    def log_hyperparams(self, params) -> None:
        pass


def test_a_logger_that_takes_pictures_gets_them(tmp_path: Path) -> None:
    gallery = Gallery()
    fit(
        small(),
        images(),
        callbacks=[SampleGrid(every=2)],
        logger=gallery,
        log_every_n_steps=1,
        default_root_dir=tmp_path,
    )
    assert [(key, step) for key, _, step in gallery.taken] == [("samples", 1), ("samples", 3)]
    assert not (tmp_path / "media").exists()


def test_a_grid_is_of_the_average_where_there_is_one_and_says_so(tmp_path: Path) -> None:
    grid, gan = SampleGrid(every=9, rows=2, columns=2), small()
    ema = GeneratorEMA(1.0, ramp_up=None)  # which is still close to the start
    run = fit(gan, images(), callbacks=[grid, ema], default_root_dir=tmp_path)
    with averaged_generator(run) as is_average:
        average = gan.sample(4, seed=0)
    assert is_average
    assert not torch.equal(average, gan.sample(4, seed=0))
    figure = grid.draw(run, gan)
    assert figure.texts[0].get_text() == "iteration 4, averaged weights"
    drawn = np.asarray(Image.open(tmp_path / "samples.png"))
    expected = lay_out(average, 2)
    np.testing.assert_array_equal(drawn[-expected.shape[0] :, : expected.shape[1]], expected)


def test_samples_may_come_from_a_function(tmp_path: Path) -> None:
    grid = SampleGrid(every=9, rows=2, columns=2, sample=lambda module, n: torch.zeros(n, 1, 8, 8))
    run = fit(small(), images(), callbacks=[grid], default_root_dir=tmp_path)
    assert grid.draw(run, run.lightning_module).texts[0].get_text() == "iteration 4"


def test_points_train_too(tmp_path: Path) -> None:
    fit(make(), points(), callbacks=[SampleGrid(every=3, rows=2)], default_root_dir=tmp_path)
    assert (tmp_path / "samples.png").exists()


def test_what_cannot_be_drawn_is_refused(tmp_path: Path) -> None:
    gan = make(generator=nn.Linear(LATENT, 5), discriminator=nn.Linear(5, 1))
    with pytest.raises(ValueError, match=r"the samples are \(5,\)"):
        fit(gan, Batches(torch.randn(8, 5)), callbacks=[SampleGrid()], default_root_dir=tmp_path)
    with pytest.raises(ValueError, match="must be at least 1"):
        SampleGrid(every=0)
    from lightning.pytorch.demos.boring_classes import BoringModel

    with pytest.raises(ValueError, match="BoringModel has no network with the name of a generator"):
        fit(BoringModel(), callbacks=[SampleGrid()])
