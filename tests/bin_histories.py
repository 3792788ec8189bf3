"""Histories and windows with known faults, for the tests of detectors that compare fakes with reals."""

import math

import torch

from gan_lightning.health.history import History
from gan_lightning.health.reference import Reference
from gan_lightning.health.window import Window

RING = 2 * torch.tensor([[math.cos(k * math.pi / 4), math.sin(k * math.pi / 4)] for k in range(8)])


def ring(modes, count, sigma=0.1):
    """Return samples of some modes of a ring of eight."""
    return RING[torch.tensor(modes)[torch.randint(len(modes), (count,))]] + sigma * torch.randn(count, 2)


def ring_window(fake, **tensors):
    """Return a window of 512 real samples of the whole ring beside the fakes."""
    reference = Reference.fit(ring(range(8), 2048))
    return Window(reference, 100, real=reference.embed(ring(range(8), 512)), fake=reference.embed(fake), **tensors)


def checks(count=None, every=100, **series):
    """Return a history of checks; numbers in place of lists are values that stay."""
    lengths = [len(values) for values in series.values() if isinstance(values, list)]
    count = count or lengths[0]
    history = History()
    for index in range(count):
        values = {name: each[index] if isinstance(each, list) else each for name, each in series.items()}
        history.add(every * (index + 1), {name.replace("__", "/"): value for name, value in values.items()})
    return history
