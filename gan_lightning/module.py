"""Lightning's side of a GAN: two optimizers, one clock, logs, checkpoints, ranks. What a GAN does is in ``gan.py``."""

from abc import abstractmethod
from collections.abc import Callable
from inspect import signature
from typing import Any, Literal

import torch
from lightning.pytorch.cli import LRSchedulerCallable, OptimizerCallable
from lightning.pytorch.plugins.precision import DoublePrecision, HalfPrecision
from torch import Tensor, nn
from torch.optim import Optimizer

from gan_lightning import checkpoint as checkpoints
from gan_lightning.batch import Batch, read_batch
from gan_lightning.checkpoint_io import load_from_checkpoint, save_atomically
from gan_lightning.construction import check_schedulers
from gan_lightning.critique import Critique
from gan_lightning.distributed import broadcast_buffers, same_random_state
from gan_lightning.draws import Draws
from gan_lightning.isolation import seeded
from gan_lightning.layout import lay_channels_last
from gan_lightning.losses import AdversarialLoss
from gan_lightning.out_of_memory import MemoryAdvice
from gan_lightning.player import Player, optimizers_of
from gan_lightning.preflight import check_trained, check_trainer
from gan_lightning.requeue import Requeue
from gan_lightning.sharding import shard_networks
from gan_lightning.step_log import StepLog, scores
from gan_lightning.wide_state import WideState

SET_EACH_STEP = frozenset({"_current_fx_name", "iteration"})


class AdversarialModule(WideState, Draws):
    """A LightningModule whose two players have an optimizer each; ``GAN`` says what they do with a batch."""

    generator: nn.Module
    discriminator: nn.Module
    loss: AdversarialLoss
    num_classes: int
    optimizer_d: OptimizerCallable
    optimizer_g: OptimizerCallable
    scheduler_d: LRSchedulerCallable | None
    scheduler_g: LRSchedulerCallable | None
    scheduler_interval: Literal["iteration", "epoch"]
    clip_d: float | None
    clip_g: float | None
    micro_batches_d: int
    micro_batches_g: int
    channels_last: bool
    compile_networks: bool | dict[str, Any]
    _player_d: Player
    _player_g: Player

    def __init__(self) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.iteration = 0
        """Batches trained on so far: the one clock for intervals; kept in checkpoints."""
        self._compiled: dict[str, Callable[..., Any]] = {}
        self._random_state: dict[str, Tensor] | None = None
        self._is_checked = self._has_begun = self._wants_channels_last = False
        self._step_log = StepLog()
        self.witnesses: tuple[Any, ...] = ()
        """Told of each update's player and ``Step``, loss and gradients beforehand; how probes listen."""
        self._schedulers: list[Any] = []
        self._timed: list[Any] = []

    @abstractmethod
    def check(self, batch: Batch) -> None:
        """Find mistakes by the first batch, before the first update."""

    @abstractmethod
    def begin(self, batch: Batch) -> None:
        """Choose by the first training batch, in the networks' training modes, how to go on."""

    @abstractmethod
    def train_on(self, batch: Batch) -> None:
        """Update both players."""

    @abstractmethod
    def validate_on(self, batch: Batch) -> tuple[Critique, Critique]:
        """Return the discriminator's opinion of held-out real and of generated samples."""

    def setup(self, stage: str) -> None:
        self._is_checked = self._has_begun = False
        save_atomically(self.trainer.strategy)
        if stage == "fit":
            check_trainer(self.trainer)
        if isinstance(self.trainer.precision_plugin, DoublePrecision | HalfPrecision):
            # Lightning does so too, but later: weights from a checkpoint would be rounded to the type they are now.
            self.trainer.precision_plugin.convert_module(self)
        networks = {"g": self.generator, "d": self.discriminator}
        self._wants_channels_last = self.channels_last and lay_channels_last(*networks.values())
        if self.compile_networks and not self._compiled:
            options = self.compile_networks if isinstance(self.compile_networks, dict) else {}
            # Beside the networks, not in their place: the names in the state dict stay, and nn.Sequential compiles too.
            self._compiled = {name: torch.compile(network, **options) for name, network in networks.items()}

    def configure_model(self) -> None:
        shard_networks(self)

    def configure_optimizers(self) -> Any:
        optimizers = [self.optimizer_d(self.discriminator.parameters()), self.optimizer_g(self.generator.parameters())]
        builders = (self.scheduler_d, self.scheduler_g)
        schedulers = [build(optimizer) for build, optimizer in zip(builders, optimizers, strict=True) if build]
        check_schedulers(schedulers)
        return optimizers, schedulers

    def on_train_start(self) -> None:
        self.meet_players()
        self._schedulers = [config.scheduler for config in self.trainer.lr_scheduler_configs]
        self._timed, self._requeue = checkpoints.saved_by_time(self.trainer), Requeue(self.trainer)
        self._ranks, self._rank = self.trainer.world_size, self.trainer.global_rank
        if self._ranks > 1:
            same_random_state(self.device)
            broadcast_buffers(self)

    def meet_players(self) -> None:
        """Find both players' parameters and optimizers; again, when a network was changed in the middle of a fit."""
        optimizers = dict(zip("dg", optimizers_of(self, self.discriminator, self.generator), strict=True))
        self._player_d, self._player_g = (Player(self, name, optimizers[name], name == "g") for name in "dg")
        self._has_begun = False

    def training_step(self, batch: Any, batch_idx: int) -> None:
        batch = self._prepare(batch)
        if self._random_state is not None:
            checkpoints.set_random_state(self._random_state, self.device)
            self._random_state = None
        self._step_log.start(self.trainer)
        with MemoryAdvice(self, batch.real):
            self.train_on(batch)
        self.iteration += 1
        if self._schedulers and (self.scheduler_interval == "iteration" or self.trainer.is_last_batch):
            for scheduler in self._schedulers:
                scheduler.step()
        if self._step_log.is_due:
            self._step_log.publish(self)

    def on_train_batch_end(self, outputs: Any, batch: Any, batch_idx: int) -> None:
        checkpoints.save_by_time(self._timed, self.trainer)
        self._requeue.after_batch(self.iteration)

    def on_fit_end(self) -> None:
        check_trained(self.trainer)

    def on_before_optimizer_step(self, optimizer: Optimizer) -> None:
        for player in (self._player_d, self._player_g):
            if player.owns(optimizer):
                player.clip_gradients()

    def on_validation_start(self) -> None:
        if self.trainer.world_size > 1:
            broadcast_buffers(self)

    def validation_step(self, batch: Any, batch_idx: int) -> None:
        with seeded(batch_idx, self.device):  # the same latents each time, and training draws on as if not asked
            on_real, on_fake = self.validate_on(self._prepare(batch))
        named = {f"val/{name}": value for name, value in scores(self.loss, on_real.logits, on_fake.logits).items()}
        self.log_dict(named, batch_size=len(on_real.logits), sync_dist=True)

    load_from_checkpoint = load_from_checkpoint

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoints.complete(self, checkpoint)

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self._random_state = checkpoints.restore(self, checkpoint.get(checkpoints.KEY))

    def _prepare(self, batch: Any) -> Batch:
        prepared = read_batch(batch, labelled=self.num_classes > 0)
        if not self._has_begun and self.trainer.training:
            self.check(prepared)  # again, now that batch norm and dropout are awake
            self.begin(prepared)
            self._has_begun = True
        elif not self._is_checked:
            self.check(prepared)
        self._is_checked = True
        if self._wants_channels_last and prepared.real.ndim == 4:
            prepared.real = prepared.real.contiguous(memory_format=torch.channels_last)
        return prepared

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what only a running fit has."""
        kept = {name: value for name, value in super().__getstate__().items() if not name.startswith("_player_")}
        return kept | {"_compiled": {}, "_schedulers": [], "_timed": [], "_requeue": None, "witnesses": ()}

    def __setattr__(self, name: str, value: Any) -> None:
        # Lightning notes the name of each running hook, some twenty times a step, and nn.Module's own setter is slow.
        if name in SET_EACH_STEP:
            self.__dict__[name] = value
        else:
            super().__setattr__(name, value)


# Lightning reads this signature at every step; written down, it need not be worked out each time.
AdversarialModule.training_step.__signature__ = signature(AdversarialModule.training_step)  # type: ignore[attr-defined]
