"""Finding the players in, and reading what they do from, any LightningModule, without its help."""

from gan_lightning.probe.inputs import batch_size_of, first_samples, replaced, rivals_of, tensors_in
from gan_lightning.probe.networks import Role, find_called, find_network, owns, path_of
from gan_lightning.probe.optimizers import check_gradients, check_whole, optimizers_of, own_optimizers
from gan_lightning.probe.outputs import logits_of
from gan_lightning.probe.probe import Probe
from gan_lightning.probe.probe_for import probe_for
from gan_lightning.probe.real_call import Call, RealCalls
from gan_lightning.probe.record import Judgement, StepRecord

__all__ = [
    "Call",
    "Judgement",
    "Probe",
    "RealCalls",
    "Role",
    "StepRecord",
    "batch_size_of",
    "check_gradients",
    "check_whole",
    "find_called",
    "find_network",
    "first_samples",
    "logits_of",
    "optimizers_of",
    "own_optimizers",
    "owns",
    "path_of",
    "probe_for",
    "replaced",
    "rivals_of",
    "tensors_in",
]
