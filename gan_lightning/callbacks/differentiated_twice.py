"""What a penalty on a discriminator's slope needs of it, from outside: parameters in one piece, exact, uncompiled."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext

import torch
from lightning.pytorch import Trainer
from lightning.pytorch.strategies import DDPStrategy, SingleDeviceStrategy
from torch import nn


def check_in_one_piece(trainer: Trainer, wanted_by: str) -> None:
    """Refuse strategies that split parameters.

    Raises:
        ValueError: unless it is one device or DDP.
    """
    if not isinstance(trainer.strategy, SingleDeviceStrategy | DDPStrategy):
        raise ValueError(
            f"{wanted_by} runs on one device or with DDP, not with {type(trainer.strategy).__name__}: parameters that "
            "are split over devices cannot be differentiated twice"
        )


def is_compiled(networks: Iterable[nn.Module]) -> bool:
    """Tell whether ``torch.compile`` has a part in them."""
    parts = (part for network in networks for part in network.modules())
    return any(hasattr(part, "_orig_mod") or part._compiled_call_impl is not None for part in parts)


@contextmanager
def exactly(device: torch.device, compiled: bool) -> Iterator[None]:
    """Run without autocast and uncompiled: compiled networks cannot be differentiated twice.

    The penalty's own backward belongs into it too: autocast would round the products of its float32 forward.
    """
    eager = torch.compiler.set_stance("force_eager") if compiled else nullcontext()
    with torch.enable_grad(), torch.autocast(device.type, enabled=False), eager:
        yield
