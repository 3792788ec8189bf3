"""Two games in one module, as in CycleGAN: a monitor for each."""

from typing import Any

import torch
from foreign_modules import LATENT, bce, layers
from helpers import fit, points
from lightning.pytorch import Callback, LightningModule
from lightning.pytorch.callbacks import TQDMProgressBar
from watched import BATCH, SETTINGS, Keeps, Says, heard

from gan_lightning import HealthMonitor


class TwoGames(LightningModule):
    def __init__(self) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.G_A, self.D_A, self.G_B, self.D_B = layers(LATENT, 2), layers(2, 1), layers(LATENT, 2), layers(2, 1)

    def training_step(self, batch: Any, batch_idx: int) -> None:
        optimizers = iter(self.optimizers())
        for generator, discriminator in ((self.G_A, self.D_A), (self.G_B, self.D_B)):
            fake = generator(torch.randn(len(batch), LATENT))
            d_loss = bce(discriminator(batch), 1.0) + bce(discriminator(fake.detach()), 0.0)
            for loss in (lambda d_loss=d_loss: d_loss, lambda d=discriminator, fake=fake: bce(d(fake), 1.0)):
                optimizer = next(optimizers)
                optimizer.zero_grad()
                self.manual_backward(loss())
                optimizer.step()

    def configure_optimizers(self) -> Any:
        return [torch.optim.Adam(each.parameters(), 1e-3) for each in (self.D_A, self.G_A, self.D_B, self.G_B)]


class ReadsBar(Callback):
    def on_train_end(self, trainer, pl_module) -> None:
        self.shown = trainer.progress_bar_callback.get_metrics(trainer, pl_module)


def test_each_has_its_own_names_verdicts_and_line_in_the_bar() -> None:
    games = [
        HealthMonitor([Says("mode_collapse", begin)], generator=f"G_{game}", discriminator=f"D_{game}", **SETTINGS)
        for game, begin in (("A", 30), ("B", 40))
    ]
    keeps, bar = Keeps(), ReadsBar()
    with heard() as texts:
        fit(
            TwoGames(),
            points(BATCH, 60),
            callbacks=[*games, TQDMProgressBar(), bar],
            logger=keeps,
            enable_progress_bar=True,
        )
    logged = {name for each, _ in keeps.of_health() for name in each}
    assert {"health/G_A/mode_collapse", "health/G_B/mode_collapse"} <= logged
    assert "health/verdicts" not in logged
    assert [text.splitlines()[0].split()[-4] for text in texts[:2]] == ["30", "40"]
    assert bar.shown["health/G_A"] == "mode collapse since 30"
    assert bar.shown["health/G_B"] == "mode collapse since 40"
