"""The full configuration, written into the run's own folder."""

from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.cli import SaveConfigCallback

from gan_lightning.logging import run_folder


class SaveConfig(SaveConfigCallback):
    """Write ``config.yaml`` where the run's other files lie; an earlier run's file never stops a new run."""

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        if self.already_saved or stage != "fit":
            return
        folder = run_folder(trainer)
        if trainer.is_global_zero:
            folder.mkdir(parents=True, exist_ok=True)
            self.parser.save(self.config, folder / self.config_filename, skip_none=False, overwrite=True)
        self.already_saved = True
