"""A dashboard in Weights & Biases."""

from importlib.util import find_spec

from lightning.pytorch import LightningModule, Trainer

from gan_lightning.callbacks.dashboard import Dashboard


class WandbDashboard(Dashboard):
    """Show a run in Weights & Biases, with the arguments and contents of ``Dashboard``; other loggers get theirs too.

    It needs no network: with ``WandbLogger(offline=True)``, or ``WANDB_MODE=offline``, all of it is on disk, until
    ``wandb sync`` sends it. A resumed run goes on in its own page with ``WandbLogger(id=..., resume="must")``.

    Panels are those that Weights & Biases makes of each quantity, with the axes and summaries defined here, in sections
    by the names' first part: d, g, health, metrics, samples. A saved workspace lies on the server, and only another
    package, wandb-workspaces, writes one, through the network; so there is none here.

    Raises:
        ModuleNotFoundError: if wandb is not installed.
        ValueError: if an argument is out of range; at fit start, if the trainer has loggers, but no ``WandbLogger``.

    Example:
        >>> dashboard = WandbDashboard(monitor="metrics/fid", every=1000)
        >>> dashboard.monitor, dashboard.mode
        ('metrics/fid', 'min')
    """

    def check_installed(self) -> None:
        if find_spec("wandb") is None:
            raise ModuleNotFoundError(
                "WandbDashboard needs wandb, which is not installed: pip install wandb (or use Dashboard, which serves "
                "TensorBoard and other loggers)"
            )

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        if stage == "fit" and trainer.loggers and not any(hasattr(each, "log_table") for each in trainer.loggers):
            names = ", ".join(type(each).__name__ for each in trainer.loggers)
            raise ValueError(
                f"WandbDashboard found no WandbLogger among the trainer's loggers ({names}): add one, "
                "logger=WandbLogger(offline=True) needs no network, or use Dashboard, which serves other loggers"
            )
