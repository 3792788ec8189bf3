"""A discriminator that judges each sample by itself, although it has batch norm.

Where real and generated samples share a batch, the batch's statistics tell the discriminator which is which, and the
generator cannot answer. Own runs (rings, grids and digits with such a batch): no gradient penalty and no restart mends
that. Papers of gradient penalties forbid batch norm for the same reason: Gulrajani et al. 2017, section 4,
https://arxiv.org/abs/1704.00028
"""

from typing import Any

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from gan_lightning.health.remedies.patient import Patient
from gan_lightning.health.remedies.remedy import Change, Remedy


class FrozenBatchNorm(Remedy):
    """Let the discriminator's batch norm use its running mean and variance, and keep them as they are.

    Raises:
        ValueError: at fit start, if the discriminator has no batch norm with running statistics, or is compiled by a
            ``GAN`` of this package.

    Example:
        >>> FrozenBatchNorm().name
        'frozen batch norm in D'
    """

    name = "frozen batch norm in D"
    suits = frozenset({"discriminator_dominates", "vanishing_gradient", "dead_start", "mode_collapse", "oscillation"})
    evidence = "measured"
    keeps = True

    def __init__(self) -> None:
        super().__init__()
        self._handles: list[Any] = []
        self._awake: set[nn.Module] = set()

    def prepare(self, patient: Patient) -> None:
        if getattr(patient.module, "_compiled", None):
            raise ValueError(f"{self.name} changes the discriminator's layers, which are compiled: compile=False")
        if not _layers(patient):
            raise ValueError(f"{self.name} finds no batch norm with running statistics in the discriminator")
        if self.is_active:
            self._attach(patient)

    def apply(self, patient: Patient) -> Change:
        if not self.is_active:
            self._attach(patient)
        self.is_active = True
        _choose_anew(patient)
        return Change("batch norm in D", "of the batch", "running", "a batch's statistics must not tell what is in it")

    def undo(self, patient: Patient) -> Change:
        self.detach()
        self.is_active = False
        _choose_anew(patient)
        return Change("batch norm in D", "running", "of the batch", "asked for")

    def detach(self) -> None:
        for handle in self._handles:
            handle.remove()
        self._handles = []

    def _attach(self, patient: Patient) -> None:
        self.detach()
        for layer in _layers(patient):
            self._handles.append(layer.register_forward_pre_hook(self._sleep))
            self._handles.append(layer.register_forward_hook(self._wake, always_call=True))

    def _sleep(self, layer: nn.Module, inputs: Any) -> None:
        if layer.training:
            self._awake.add(layer)
            layer.training = False

    def _wake(self, layer: nn.Module, inputs: Any, output: Any) -> None:
        if layer in self._awake:
            self._awake.remove(layer)
            layer.training = True


def _choose_anew(patient: Patient) -> None:
    """Let a ``GAN`` find out again whether real and generated samples may be judged in one pass, as on a resume."""
    gan: Any = patient.module
    if patient.is_own_gan:
        gan.meet_players()


def _layers(patient: Patient) -> list[_BatchNorm]:
    parts = {part: None for network in patient.probe.discriminators for part in network.modules()}
    return [part for part in parts if isinstance(part, _BatchNorm) and part.running_mean is not None]
