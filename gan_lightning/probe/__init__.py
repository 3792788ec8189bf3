"""Finding the players in, and reading what they do from, any LightningModule, without its help."""

from gan_lightning.probe.inputs import first_samples, replaced, tensors_in
from gan_lightning.probe.networks import find_network, owns, path_of
from gan_lightning.probe.optimizers import check_gradients, optimizers_of
from gan_lightning.probe.outputs import logits_of
from gan_lightning.probe.real_call import Call, RealCalls

__all__ = [
    "Call",
    "RealCalls",
    "check_gradients",
    "find_network",
    "first_samples",
    "logits_of",
    "optimizers_of",
    "owns",
    "path_of",
    "replaced",
    "tensors_in",
]
