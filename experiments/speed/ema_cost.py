"""What does averaging cost? The same GAN with and without ``GeneratorEMA``, at its defaults, on the clock of a step.

Contestants, all with this package's spine, the bar, the CSV logger, checkpoints and pictures:

- ``alone``: without an average
- ``empty``: with a callback that does nothing, for Lightning calls all its hooks at each batch
- ``averaged``: with ``GeneratorEMA()``, which averages after each update of the generator

Method: ``callback_cost.py``; ``within`` tells nothing here, for every update is averaged.

    python experiments/speed/ema_cost.py [--quick] [--json FILE]
"""

from callback_cost import Makers, main
from lightning.pytorch.callbacks import Callback
from step_time import Plan

from gan_lightning import GeneratorEMA

CALLBACKS: Makers = {"alone": list, "empty": lambda: [Callback()], "averaged": lambda: [GeneratorEMA()]}
FULL = {"ring_mlp": Plan(20, 8, 50), "dcgan32": Plan(4, 2, 5)}
QUICK = {"ring_mlp": Plan(10, 4, 50)}
TARGETS = {"ring_mlp": 1.02, "dcgan32": 1.02}

if __name__ == "__main__":
    main(__doc__, CALLBACKS, FULL, QUICK, TARGETS)
