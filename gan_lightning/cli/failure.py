"""Which errors are a user's to read as a sentence, and which are a programmer's, with their traceback."""

import os
import pickle
import traceback
from argparse import ArgumentError
from collections.abc import Iterator
from pathlib import Path

import yaml
from lightning.fabric.utilities.exceptions import MisconfigurationException

from gan_lightning.cli.explain import explain

PACKAGE = Path(__file__).parents[1]
TELLING = (
    ArgumentError,
    MisconfigurationException,
    ModuleNotFoundError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    pickle.UnpicklingError,
    yaml.YAMLError,
)
TRACEBACK = "GAN_LIGHTNING_TRACEBACK"
"""Set this environment variable to see every traceback."""


def sentence_for(error: Exception) -> str | None:
    """Return what a user should read of an error, or None if the traceback says more.

    Before the first update a mistake lies in the command, the configuration or the data, and a sentence tells it. What
    breaks later keeps its traceback: nobody wants to train for hours again to see it.
    """
    if TRACEBACK in os.environ or not isinstance(error, TELLING) or _came_from_training(error):
        return None
    chain = list(_chain(error))
    ours = [each for each in chain if _raised_here(each)]
    if isinstance(error, ArgumentError) and not ours:
        return explain(str(error))
    told = ours[0] if ours else chain[-1]
    return explain(str(told)) or type(told).__name__


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what led to it, the cause last."""
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)


def _raised_here(error: BaseException) -> bool:
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and Path(frames[-1].filename).is_relative_to(PACKAGE)


def _came_from_training(error: BaseException) -> bool:
    return any(frame.name == "train_on" for frame in traceback.extract_tb(error.__traceback__))
