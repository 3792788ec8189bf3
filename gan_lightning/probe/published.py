"""The record of a GAN that publishes what it does."""

from typing import Any

from lightning.pytorch import LightningModule, Trainer
from torch import Tensor

from gan_lightning.probe.optimizers import optimizers_of
from gan_lightning.probe.probe import Probe, signal_of
from gan_lightning.probe.record import Judgement, Kind, StepRecord


class PublishedProbe(Probe):
    """Reads a ``GAN`` of this package, which hands over each update's inputs; nothing is guessed."""

    def __init__(self, trainer: Trainer, module: LightningModule) -> None:
        super().__init__(trainer, module)
        gan: Any = module
        self._gan = gan
        self.generators, self.discriminators = (gan.generator,), (gan.discriminator,)
        self.optimizers = {
            "generator": optimizers_of(trainer, gan.generator, "generator"),
            "discriminator": optimizers_of(trainer, gan.discriminator, "discriminator"),
        }

    def listen(self, batch: Any) -> None:
        self._gan.witnesses += (self,)

    def leave(self) -> None:
        self._gan.witnesses = tuple(each for each in self._gan.witnesses if each is not self)

    def before_update(self, player: str, step: Any) -> None:
        """Take in what one update is about to minimise; its opinions are there, its backward is not yet done."""
        record, for_generator = self.record, player == "g"
        opinions: list[tuple[Kind, Any, Any]] = [
            ("real", step.real, step._on_real),
            ("fake", step.fake, step._on_fake),
        ]
        for kind, samples, critique in opinions:
            if critique is not None:
                record.judgements.append(self._judgement(kind, samples, critique.logits, step.label, for_generator))
        record.real, record.fake = step.real.detach(), step.fake.detach()
        record.real_label = record.fake_label = step.label
        if for_generator and step.fake.requires_grad:
            step.fake.register_hook(_keeps_signal(record, self.scale))

    def _judgement(
        self, kind: Kind, samples: Tensor, logits: Tensor, label: Tensor | None, for_generator: bool
    ) -> Judgement:
        gan = self._gan

        def judge(x: Tensor) -> Tensor:
            logits: Tensor = gan.critique_exactly(x, label).logits
            return logits

        return Judgement(kind, samples.detach(), logits.detach().float(), for_generator, judge)


def _keeps_signal(record: StepRecord, scale: float) -> Any:
    def keep(gradient: Tensor) -> None:
        record.signal = signal_of(gradient) / scale

    return keep
