"""The spine: a generator and a discriminator updated in turn, written once.

Techniques subclass ``GAN`` and override the hooks named in ``GAN.hooks``, with ``super()`` on the first line. The spine
knows none of them by name.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, ClassVar, Literal

import torch
from lightning.pytorch.cli import LRSchedulerCallable, OptimizerCallable
from torch import Tensor, nn

from gan_lightning.batch import Batch
from gan_lightning.checkpoint import plain_hyperparameters
from gan_lightning.construction import check_construction
from gan_lightning.critique import Critique, as_critique
from gan_lightning.isolation import evaluating, seeded
from gan_lightning.joint_pass import joint_pass_pays
from gan_lightning.labels import labels_to_sample
from gan_lightning.losses import AdversarialLoss, NonSaturating
from gan_lightning.module import AdversarialModule
from gan_lightning.optimizers import AdamGAN
from gan_lightning.player import Player
from gan_lightning.preflight import check_first_batch, check_slope, check_started, check_targets
from gan_lightning.step import Step, Terms

Targets = tuple[float | Tensor, float | Tensor]


class GAN(AdversarialModule):
    """A generator and a discriminator trained in turn.

    Each batch is one *iteration*: the discriminator is updated on it, and the generator after every ``d_steps``-th one.
    ``trainer.global_step``, ``max_steps`` and checkpoint names count the generator's updates.

    Paper: Goodfellow et al. 2014, algorithm 1, https://arxiv.org/abs/1406.2661

    Args:
        generator: maps latents (N, Z), and labels (N,) if ``num_classes``, to samples (N, ...).
        discriminator: maps samples, and labels, to logits (N,) or (N, 1), or to a ``Critique``.
        loss: what the players minimise; the class's ``default_loss`` if None, here ``NonSaturating()``.
        latent_dim: Z.
        num_classes: how many classes the networks are told of; at 0 the labels of a batch are left aside.
        d_steps: discriminator updates, each on a batch of its own, per turn of the generator.
        g_steps: generator updates per turn.
        optimizer_d: builds the discriminator's optimizer from its parameters.
        optimizer_g: likewise for the generator.
        scheduler_d: builds a learning-rate scheduler from the discriminator's optimizer.
        scheduler_g: likewise for the generator.
        scheduler_interval: what the schedulers count.
        clip_d: largest norm of the discriminator's gradient.
        clip_g: likewise for the generator.
        micro_batches_d: parts into which the discriminator's batch is split to save memory; the gradient is their mean.
        micro_batches_g: likewise for the generator.
        joint_pass: judge real and fake in one pass; by default where no layer mixes samples and it pays.
        channels_last: memory format of convolutions; another order in memory, the same maths.
        compile: compile both networks: True, or arguments of ``torch.compile``.

    Raises:
        ValueError: if an argument is out of range, or the networks contradict ``latent_dim`` or ``num_classes``.

    Example:
        >>> from gan_lightning.networks import MLPDiscriminator, MLPGenerator
        >>> gan = GAN(MLPGenerator(8, shape=(2,)), MLPDiscriminator(shape=(2,)), latent_dim=8)
        >>> gan.sample(5, seed=0).shape
        torch.Size([5, 2])
    """

    hooks: ClassVar[frozenset[str]] = frozenset({
        "sample_latent", "generate", "augment", "discriminate", "input_grad",
        "d_targets", "d_terms", "g_terms", "d_step", "g_step",
    })  # fmt: skip
    default_loss: ClassVar[type[AdversarialLoss]] = NonSaturating
    lowest_label: ClassVar[int] = 0
    tells_classes: frozenset[str] = frozenset({"generator", "discriminator"})
    """Which networks take labels; a technique that keeps them from one in ``generate`` or ``discriminate`` says so."""

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        loss: AdversarialLoss | None = None,
        *,
        latent_dim: int = 128,
        num_classes: int = 0,
        d_steps: int = 1,
        g_steps: int = 1,
        optimizer_d: OptimizerCallable = AdamGAN,
        optimizer_g: OptimizerCallable = AdamGAN,
        scheduler_d: LRSchedulerCallable | None = None,
        scheduler_g: LRSchedulerCallable | None = None,
        scheduler_interval: Literal["iteration", "epoch"] = "iteration",
        clip_d: float | None = None,
        clip_g: float | None = None,
        micro_batches_d: int = 1,
        micro_batches_g: int = 1,
        joint_pass: bool | None = None,
        channels_last: bool = True,
        compile: bool | dict[str, Any] = False,
    ) -> None:
        super().__init__()
        plain_hyperparameters(self)
        self.generator, self.discriminator = generator, discriminator
        self.loss = self.default_loss() if loss is None else loss
        self.latent_dim, self.num_classes = latent_dim, num_classes
        self.d_steps, self.g_steps = d_steps, g_steps
        self.optimizer_d, self.optimizer_g = optimizer_d, optimizer_g
        self.scheduler_d, self.scheduler_g, self.scheduler_interval = scheduler_d, scheduler_g, scheduler_interval
        self.clip_d, self.clip_g = clip_d, clip_g
        self.micro_batches_d, self.micro_batches_g = micro_batches_d, micro_batches_g
        self.joint_pass, self.channels_last, self.compile_networks = joint_pass, channels_last, compile
        self._joint_size, self._slope_is_checked = 0, False
        check_construction(self)

    # Values: the only doors to the two networks.

    def sample_latent(self, n: int) -> Tensor:
        """Draw n latents (n, Z) from the prior. Law: wrap."""
        dtype: Any = self.dtype  # a string, says its annotation
        return torch.randn(n, self.latent_dim, device=self.device, dtype=dtype)

    def generate(self, z: Tensor, label: Tensor | None) -> Tensor:
        """Map latents (N, Z), and labels (N,) or None, to samples (N, ...). Law: wrap."""
        generator = self._compiled.get("g", self.generator)
        fake: Tensor = generator(z) if label is None else generator(z, label)
        return fake

    def augment(self, x: Tensor) -> Tensor:
        """Change samples before the discriminator sees them, in the same shape. Law: chain."""
        return x

    def discriminate(self, x: Tensor, label: Tensor | None) -> Critique:
        """Ask the discriminator about samples; the last door, where the shape may change. Law: wrap."""
        discriminator = self._compiled.get("d", self.discriminator)
        return as_critique(discriminator(x) if label is None else discriminator(x, label), len(x))

    def critique(self, x: Tensor, label: Tensor | None) -> Critique:
        """Return the discriminator's opinion of augmented samples; what techniques call."""
        return self.discriminate(self.augment(x), label)

    def critique_exactly(self, x: Tensor, label: Tensor | None) -> Critique:
        """Return the opinion in float32 and uncompiled, so that it can be differentiated by its input twice."""
        x = x.float() if torch.is_autocast_enabled(x.device.type) else x
        with self.exactly():
            return self.critique(x, label)

    @contextmanager
    def exactly(self) -> Iterator[None]:
        """Run the networks without autocast and uncompiled."""
        with torch.autocast(self.device.type, enabled=False), self._uncompiled():
            yield

    @property
    def input_grad(self) -> frozenset[str]:
        """Where D's slope is taken at this iteration: at "real", "fake", or "between" them. Law: union."""
        return frozenset()

    # Terms: what each player minimises.

    def d_targets(self, n: int) -> Targets:
        """Return the targets of n real and n fake samples, as numbers or (n,) tensors. Law: chain."""
        return 1.0, 0.0

    def d_terms(self, step: Step) -> Terms:
        """Return the discriminator's loss terms. Law: add or replace."""
        real, fake = step.on_real.logits, step.on_fake.logits
        if self._step_log.is_due:
            self._step_log.keep_scores(self.loss, real, fake)
        targets = self.d_targets(len(real))
        check_targets(self.loss, targets)
        return Terms(adv=self.loss.d_loss(real, fake, targets))

    def g_terms(self, step: Step) -> Terms:
        """Return the generator's loss terms. Law: add or replace."""
        real = step.on_real.logits if self.loss.relativistic else None
        return Terms(adv=self.loss.g_loss(step.on_fake.logits, real))

    # Steps: one update each.

    def d_step(self, batch: Batch) -> None:
        """Update the discriminator once. Law: wrap."""
        player, other = self._player_d, self._player_g
        share = self._shares_fake()
        player.zero_grad()
        for part in batch.split(player.micro_batches):
            with nullcontext() if share else torch.no_grad():
                z, fake = self._generate_like(part)
            if share:
                part.z, part.fake = z, fake
            with other.frozen():
                self._backward(player, self._step(part, fake.detach(), z), self.d_terms)
        player.step()

    def g_step(self, batch: Batch) -> None:
        """Update the generator once. Law: wrap."""
        player, other = self._player_g, self._player_d
        player.zero_grad()
        for part in batch.split(player.micro_batches):
            z, fake = part.take_fake() or self._generate_like(part)
            with other.frozen():
                self._backward(player, Step(self, part.real, fake, part.label, z), self.g_terms)
        player.step()

    def _step(self, batch: Batch, fake: Tensor, z: Tensor) -> Step:
        real, at = batch.real, self.input_grad
        if at and not self._slope_is_checked:
            check_slope(self)
        exact = not at.isdisjoint(("real", "fake"))
        if exact and torch.is_autocast_enabled(real.device.type):
            real, fake = real.float(), fake.float()
        real = real.detach().requires_grad_() if "real" in at else real
        fake = fake.requires_grad_() if "fake" in at else fake
        # An input gradient would run back through the whole joint pass, for real and fake alike.
        joint = len(real) == self._joint_size and not exact
        return Step(self, real, fake, batch.label, z, joint=joint, exact=exact)

    def _generate_like(self, batch: Batch) -> tuple[Tensor, Tensor]:
        z = self.draw_latents(len(batch.real))
        return z, self.generate(z, batch.label)

    def _shares_fake(self) -> bool:
        """Tell whether the discriminator's fakes serve the generator too: one generator forward instead of two."""
        return self._generator_is_due() and self.micro_batches_d == self.micro_batches_g == 1

    def _generator_is_due(self) -> bool:
        return (self.iteration + 1) % self.d_steps == 0

    def _backward(self, player: Player, step: Step, terms_of: Callable[[Step], Terms]) -> None:
        terms = terms_of(step)
        total = terms.total()
        for witness in self.witnesses:
            witness.before_update(player.name, step)
        player.backward(total / player.micro_batches if player.micro_batches > 1 else total)
        if self._step_log.is_due:
            self._step_log.keep_terms(player.name, terms, total)

    def note(self, name: str, value: Tensor) -> None:
        """Keep a scalar for the log, under its full name as in ``d/ada_p``; free at the steps that are not logged."""
        if self._step_log.is_due:
            self._step_log.keep(name, value)

    # Use.

    def check(self, batch: Batch) -> None:
        with self._uncompiled():
            check_first_batch(self, batch)

    def begin(self, batch: Batch) -> None:
        check_started(self)
        with self._uncompiled():
            part = next(batch.split(self.micro_batches_d))
            jointly = joint_pass_pays(self, part) if self.joint_pass is None else self.joint_pass
        self._joint_size = len(part.real) if jointly else 0  # of another size, a layer might mix what it did not

    def train_on(self, batch: Batch) -> None:
        self.d_step(batch)
        if self._generator_is_due():
            for _ in range(self.g_steps):
                self.g_step(batch)

    def validate_on(self, batch: Batch) -> tuple[Critique, Critique]:
        fake = self.generate(self.sample_latent(len(batch.real)), batch.label)
        return self.discriminate(batch.real, batch.label), self.discriminate(fake, batch.label)

    def forward(self, z: Tensor, label: Tensor | None = None) -> Tensor:
        """Map latents (N, Z), and labels (N,) if the networks take them, to samples (N, ...)."""
        return self.generate(z, label)

    def predict_step(self, batch: Any, batch_idx: int) -> Tensor:
        """Map a batch of latents (N, Z), or of [latents, labels], to samples (N, ...)."""
        z, label = (batch, None) if isinstance(batch, Tensor) else batch
        return self.generate(z, label)

    def sample(self, n: int, label: int | Sequence[int] | Tensor | None = None, seed: int | None = None) -> Tensor:
        """Generate n samples in evaluation mode, without gradients.

        Args:
            n: how many, at least 1.
            label: classes (n,), or one for all; where the networks take labels and none are given, they cycle.
            seed: draws the same latents each time, and leaves the random state alone.

        Returns:
            Samples (n, ...) on the module's device.

        Raises:
            ValueError: if n < 1, or the labels are out of range, of another length, or not wanted.
        """
        if n < 1:
            raise ValueError(f"cannot sample n={n}: ask for at least one")
        num_classes = self.num_classes if "generator" in self.tells_classes else 0
        labels = labels_to_sample(n, label, num_classes, self.device)
        with evaluating(self.generator), seeded(seed, self.device), self._uncompiled():
            return self.generate(self.sample_latent(n), labels)

    def _uncompiled(self) -> AbstractContextManager[Any]:
        # torch.compile cannot differentiate twice, and compiles anew for each number of samples.
        return torch.compiler.set_stance("force_eager") if self._compiled else nullcontext()
