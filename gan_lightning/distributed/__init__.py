"""What several processes must agree on: gradients, batch statistics, buffers, random numbers."""

from gan_lightning.distributed.agreement import broadcast_buffers, same_random_state
from gan_lightning.distributed.average_gradients import average_gradients
from gan_lightning.distributed.gather_over_ranks import gather_over_ranks
from gan_lightning.distributed.mean_over_ranks import mean_over_ranks
from gan_lightning.distributed.whole import whole

__all__ = [
    "average_gradients",
    "broadcast_buffers",
    "gather_over_ranks",
    "mean_over_ranks",
    "same_random_state",
    "whole",
]
