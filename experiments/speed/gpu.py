"""How many images per second do DCGAN, SNGAN and R3GAN train on, against a raw loop and against the hardware's floor?

For each recipe: the batch size at which the raw loop is fastest is searched among the powers of two; then the raw loop
and this package, eager, compiled, and (on CUDA) with graphs, train at that size. Batches lie on the device, a new one
each step out of a few. Before timing, a few float64 steps of ours and of the raw loop from one seed must end in the
same weights. An image counts once per batch, whether its iteration updates both players or D alone (SNGAN).

Method: the clock is read when a batch is fetched and the device is idle, after a warm-up that compiles; contestants
take turns in rounds, the first is dropped, and the median counts. ``floor`` is explained in ``gpu_floor.py``.

    python experiments/speed/gpu.py [--device cpu] [--quick] [--only r3gan32] [--json FILE]

``--quick`` uses toy sizes: it shows that the script works, its figures mean nothing.
"""

import argparse
import json
import logging
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, NamedTuple

import torch
from gpu_floor import Peaks, count_work, measure_peaks, synchronise
from gpu_recipes import RECIPES, Recipe, raw
from lightning.pytorch import Trainer
from lightning.pytorch.loggers import CSVLogger
from step_time import environment
from torch import Tensor

CHECKED_TURNS = 2
Figures = dict[str, Any]


class Plan(NamedTuple):
    """How much is measured: iterations to warm up, iterations per round, rounds, and the batch sizes to try."""

    warm_up: int
    steps: int
    rounds: int
    smallest: int
    largest: int


FULL, QUICK = Plan(30, 100, 5, 16, 4096), Plan(1, 1, 1, 4, 4)


class Timed:
    """Batches that read the clock after the warm-up, and after the steps that follow; one more batch ends the loop."""

    def __init__(self, batches: list[Tensor], plan: Plan) -> None:
        self._batches, self._plan, self.marks = batches, plan, list[float]()

    def __len__(self) -> int:
        """Batches that are handed out."""
        return self._plan.warm_up + self._plan.steps + 1

    def __iter__(self) -> Iterator[Tensor]:
        """Yield the batches in turn."""
        for number in range(len(self)):
            if number in (self._plan.warm_up, self._plan.warm_up + self._plan.steps):
                synchronise(self._batches[0].device)
                self.marks.append(perf_counter())
            yield self._batches[number % len(self._batches)]

    def seconds_per_step(self) -> float:
        """Return the time between the two marks, per step."""
        before, after = self.marks
        return (after - before) / self._plan.steps


def draw(recipe: Recipe, batch_size: int, device: torch.device, dtype: torch.dtype = torch.float32) -> list[Tensor]:
    generator = torch.Generator(device).manual_seed(0)
    shape = (4, batch_size, 3, recipe.size, recipe.size)
    return list(torch.rand(shape, generator=generator, device=device, dtype=dtype) * 2 - 1)


def ours(gan: Any, batches: Any, device: torch.device, precision: Any = "32-true") -> None:
    """Train by the package, on and with what it uses by default; logs are written as always."""
    with TemporaryDirectory() as folder:
        Trainer(
            accelerator=device.type, devices=1, precision=precision, max_epochs=1, logger=CSVLogger(folder),
            enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
        ).fit(gan, batches)  # fmt: skip


def time_per_step(recipe: Recipe, name: str, batches: list[Tensor], plan: Plan) -> float:
    """Train one contestant from the start and return its seconds per step."""
    timed, device = Timed(batches, plan), batches[0].device
    if name == "raw":
        raw(recipe, recipe.build(), timed, device)
    else:
        ours(recipe.build(compile=_compile_options(name, device)), timed, device)
    return timed.seconds_per_step()


def _compile_options(name: str, device: torch.device) -> bool | dict[str, Any]:
    if name == "ours":
        return False
    if device.type == "cpu":  # a compiler would take minutes
        return {"backend": "aot_eager"}
    return {"mode": "reduce-overhead"} if name == "graphs" else True


def best_batch(recipe: Recipe, device: torch.device, plan: Plan) -> int:
    """Double the batch while the raw loop gets faster by 2 % or more, and while there is memory."""
    best, speed, size = plan.smallest, 0.0, plan.smallest
    while size <= plan.largest:
        try:
            now = size / time_per_step(recipe, "raw", draw(recipe, size, device), plan)
        except torch.OutOfMemoryError:
            torch.cuda.empty_cache()
            break
        if now < 1.02 * speed:
            break
        best, speed, size = size, now, 2 * size
    return best


def check_same(recipe: Recipe, device: torch.device) -> None:
    """Assert that ours and the raw loop compute the same, in float64, with narrow networks.

    Raises:
        AssertionError: if they do not.
    """
    narrow = replace(recipe, width=16)
    batches = draw(narrow, 4, device, torch.float64)
    plan = Plan(0, CHECKED_TURNS * recipe.d_steps - 1, 1, 4, 4)
    by_package, by_hand = narrow.build().double(), narrow.build().double()
    torch.manual_seed(1)
    ours(by_package, Timed(batches, plan), device, "64-true")
    torch.manual_seed(1)
    raw(narrow, by_hand, Timed(batches, plan), device)
    expected = by_hand.state_dict()
    for key, value in by_package.state_dict().items():
        message = f"ours and the raw loop of {recipe.cls.__name__} differ in {key}"
        torch.testing.assert_close(value.to(device), expected[key], rtol=0, atol=1e-7, msg=message)


def measure(recipe: Recipe, device: torch.device, plan: Plan, peaks: Peaks) -> Figures:
    """Return the images per second of all contestants at the best batch size, and what they are compared with."""
    check_same(recipe, device)
    size = best_batch(recipe, device, plan)
    batches, names = draw(recipe, size, device), ["raw", "ours", "compiled", *["graphs"] * (device.type == "cuda")]
    rounds = [{name: time_per_step(recipe, name, batches, plan) for name in names} for _ in range(1 + plan.rounds)][1:]
    work = count_work(recipe, batches[0])
    figures: Figures = {"batch_size": size, "gflops": work.flops / 1e9, "megabytes": work.bytes / 1e6}
    figures["floor_images_per_s"] = size / work.seconds(peaks)
    for name in names:
        figures[f"{name}_images_per_s"] = size / median(each[name] for each in rounds)
        figures[f"{name}_over_raw"] = median(each["raw"] / each[name] for each in rounds)
        figures[f"{name}_over_floor"] = figures[f"{name}_images_per_s"] / figures["floor_images_per_s"]
    return figures


def print_table(name: str, figures: Figures) -> None:
    """Print a recipe's images per second, relative to the raw loop and to the floor: above 1 is faster than raw."""
    print(f"{name}, batch {figures['batch_size']}: at best {figures['floor_images_per_s']:.0f} images/s")
    for each in ("raw", "ours", "compiled", "graphs"):
        if f"{each}_images_per_s" in figures:
            speed, over_raw, over_floor = (figures[f"{each}_{x}"] for x in ("images_per_s", "over_raw", "over_floor"))
            print(f"  {each:<9} {speed:9.0f} images/s   {over_raw:5.2f} x raw   {over_floor:6.3f} x floor")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda", choices=["cuda", "cpu"])
    parser.add_argument("--quick", action="store_true", help="toy sizes, to see that it works")
    parser.add_argument("--only", choices=RECIPES, help="one recipe instead of all")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE too")
    arguments = parser.parse_args()
    if arguments.device == "cuda" and not torch.cuda.is_available():
        parser.error("there is no CUDA GPU; --device cpu --quick shows that the script works")
    device = torch.device(arguments.device, *[0] * (arguments.device == "cuda"))
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore")

    torch.backends.cudnn.benchmark = True
    peaks = measure_peaks(device, 256 if arguments.quick else 8192)
    gpu = torch.cuda.get_device_name(device) if device.type == "cuda" else "none"
    figures: Figures = {"peaks": peaks._asdict(), "environment": environment() | {"gpu": gpu}}
    for name, recipe in RECIPES.items():
        if arguments.only in (None, name):
            sized = replace(recipe, width=16) if arguments.quick else recipe
            figures[name] = measure(sized, device, QUICK if arguments.quick else FULL, peaks)
            print_table(name, figures[name])
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
