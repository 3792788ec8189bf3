"""What does watching cost? The same GAN with and without ``HealthMonitor``, at its defaults, on the clock of a step.

Contestants, all with this package's spine, the bar, the CSV logger, checkpoints and pictures:

- ``alone``: without a monitor
- ``empty``: with a callback that does nothing, for Lightning calls all its hooks at each batch
- ``watched``: with ``HealthMonitor()``: all detectors, a check each 100 iterations

Method: ``callback_cost.py``. Two contestants that do the same differ by up to 5 % within a launch, more than is asked
here, for their memory lies elsewhere. So what watching adds is measured within a contestant too: the batches that are
watched and the checks against the ordinary batches of the same run, over the same ratio without a monitor (``within``).
Ordinary batches cost no more than the two hooks that ask whether to look.

    python experiments/speed/monitor_cost.py [--quick] [--json FILE]
"""

from callback_cost import EVERY, Makers, main
from lightning.pytorch.callbacks import Callback
from step_time import Plan

from gan_lightning import HealthMonitor

CALLBACKS: Makers = {
    "alone": list,
    "empty": lambda: [Callback()],
    "watched": lambda: [HealthMonitor(every=EVERY)],
}
FULL = {"ring_mlp": Plan(6, 4, EVERY), "dcgan32": Plan(3, 1, EVERY)}
QUICK = {"ring_mlp": Plan(6, 4, EVERY)}
TARGETS = {"ring_mlp": 1.03, "dcgan32": 1.01}

if __name__ == "__main__":
    main(__doc__, CALLBACKS, FULL, QUICK, TARGETS)
