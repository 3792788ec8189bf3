"""The folder that belongs to one run."""

from pathlib import Path

from lightning.pytorch import Trainer


def run_folder(trainer: Trainer) -> Path:
    """Return the run's own folder; call it on all ranks, for they agree on it.

    It is the logger's folder where it makes one per run (CSV, TensorBoard), else the place where this run's checkpoints
    go (``save_dir/name/version``), and without a logger ``default_root_dir``.
    """
    logger = trainer.logger
    if logger is None:
        return Path(trainer.default_root_dir)
    own = getattr(logger, "log_dir", None)
    if own is None:
        parts = (logger.save_dir or trainer.default_root_dir, logger.name, logger.version)
        own = Path(*(str(part) for part in parts if part is not None))
    return Path(trainer.strategy.broadcast(str(own)))
