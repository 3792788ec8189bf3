"""Files that belong to a run, to every logger that keeps files."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lightning.pytorch import Trainer

from gan_lightning.logging.spared import spared


def log_artifact(trainer: Trainer, name: str, files: Sequence[Path], metadata: Mapping[str, Any]) -> bool:
    """Hand files to every logger that keeps them; on rank 0, the others do nothing.

    Weights & Biases has them as version of the artifact ``<name>-<run id>`` of the type ``model`` with the alias
    ``best``, MLflow in the folder ``name``.

    Args:
        trainer: whose loggers are asked.
        name: of what the files are.
        files: that exist; they are copied.
        metadata: plain data.

    Returns:
        Whether any logger took them.
    """
    if not trainer.is_global_zero:
        return False
    taken = []
    for logger in trainer.loggers:
        with spared(logger, "keep files"):
            taken.append(_offer(logger, name, files, metadata))
    return any(taken)


def _offer(logger: Any, name: str, files: Sequence[Path], metadata: Mapping[str, Any]) -> bool:
    """Hand over by what the logger can do, not by its class; tell whether it could."""
    experiment: Any = getattr(logger, "experiment", None)
    if not hasattr(experiment, "log_artifact"):
        return False
    if hasattr(logger, "run_id"):  # MLflow
        for file in files:
            experiment.log_artifact(logger.run_id, str(file), artifact_path=name)
        return True
    import wandb

    artifact = wandb.Artifact(f"{name}-{experiment.id}", type="model", metadata=dict(metadata))
    for file in files:
        artifact.add_file(str(file))
    experiment.log_artifact(artifact, aliases=["best"])
    return True
