"""What do metrics cost? Seconds and memory of PRDC on 10,000 samples, and what Vendi and NDB take of a health check.

- PRDC of 10,000 real and as many generated samples, in 2 and in 512 dimensions, each in a process of its own, whose
  peak of resident memory counts, the libraries included.
- Vendi and NDB of 512 samples, those of a health check, as a share of the 100 iterations between two: CPU time on one
  thread, the median of some repetitions, over that of as many iterations of ``ring_mlp``.

    python experiments/speed/metrics_cost.py [--json FILE]
"""

import argparse
import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import torch
from lightning.pytorch import Callback, Trainer
from step_time import environment
from workloads import WORKLOADS

from gan_lightning import GAN
from gan_lightning.data import TensorLoader
from gan_lightning.functional import prdc
from gan_lightning.metrics import NDB, VendiScore

SAMPLES, DIMENSIONS = 10_000, (2, 512)
EVERY, OF_A_CHECK = 100, 512
REPETITIONS = 9
MOST_SECONDS, MOST_MEGABYTES = 30, 1000


class Ticks(Callback):
    """Notes the CPU time after each check period."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def on_train_batch_end(self, trainer: Trainer, *_: Any) -> None:
        if (trainer.fit_loop.total_batch_idx + 1) % EVERY == 0:
            self.seconds.append(process_time())


def prdc_alone(dimensions: int) -> dict[str, float]:
    """Return what PRDC takes; for a process that does nothing else."""
    torch.manual_seed(0)
    real, fake = torch.randn(2, SAMPLES, dimensions)
    began = perf_counter()
    prdc(real, fake)
    seconds = perf_counter() - began
    return {"seconds": round(seconds, 1), "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def in_its_own_process(dimensions: int) -> dict[str, float]:
    """Run this file for one measurement."""
    told = subprocess.run(
        [sys.executable, __file__, "--dimensions", str(dimensions)], check=True, capture_output=True, text=True
    )
    found: dict[str, float] = json.loads(told.stdout)
    return found


def period_of_ring_mlp() -> float:
    """Return the seconds of ``EVERY`` iterations, the first left out."""
    workload, ticks = WORKLOADS["ring_mlp"](), Ticks()
    gan = GAN(*workload.networks(), latent_dim=workload.latent_dim)
    quiet: dict[str, Any] = dict.fromkeys(("logger", "enable_checkpointing", "enable_progress_bar"), False)
    run = Trainer(
        accelerator="cpu", max_steps=EVERY * 11, max_epochs=-1, callbacks=[ticks], enable_model_summary=False, **quiet
    )
    run.fit(gan, TensorLoader(workload.data, batch_size=workload.batch_size))
    return median(after - before for before, after in zip(ticks.seconds, ticks.seconds[1:], strict=False))


def seconds_of(make: Callable[[], Any], dimensions: int) -> float:
    """Return the median CPU time of one metric on the samples of a check."""
    found = []
    for _ in range(REPETITIONS):
        metric, (real, fake) = make(), torch.randn(2, OF_A_CHECK, dimensions)
        began = process_time()
        metric.update(real, real=True)
        metric.update(fake)
        metric.compute()
        found.append(process_time() - began)
    return median(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--dimensions", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.dimensions:
        print(json.dumps(prdc_alone(arguments.dimensions)))
        return
    figures: dict[str, Any] = {}
    for dimensions in DIMENSIONS:
        found = figures[f"prdc_{dimensions}"] = in_its_own_process(dimensions)
        limits = f"targets {MOST_SECONDS} s and {MOST_MEGABYTES} MB"
        print(f"PRDC, {dimensions:>3} dimensions  {found['seconds']:5.1f} s  {found['megabytes']:5.0f} MB  ({limits})")
    torch.set_num_threads(1)
    torch.manual_seed(0)
    period = figures["period_seconds"] = period_of_ring_mlp()
    metrics: dict[str, Callable[[], Any]] = {"vendi": VendiScore, "ndb": lambda: NDB(32)}
    for name, make in metrics.items():
        for dimensions in (2, 16):
            seconds = seconds_of(make, dimensions)
            figures[f"{name}_{dimensions}"] = {"seconds": seconds, "share": seconds / period}
            share = f"{1000 * seconds:6.1f} ms, {seconds / period:.1%} of {EVERY} steps"
            print(f"{name:<6} {dimensions:>3} dimensions  {share}")
    figures["environment"] = environment()
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
