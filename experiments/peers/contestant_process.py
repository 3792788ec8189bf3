"""A contestant in a process of its own, which trains only as far as it is told to.

The loader is the brake: before a batch that was not granted it answers on the standard output with the CPU seconds that
the process has spent, and reads the next command from the standard input. So any library's own loop can take turns,
whatever its environment; this file needs nothing but torch. What the contestant prints goes to a file.

Commands: ``advance N`` (batches), ``samples NUM SEED FILE``, ``stop``. Each but the last is answered by a line of JSON.
All have drawn as many random numbers when they start, whatever their libraries draw before: see ``Pipe.spend``.
"""

import importlib.util
import json
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from time import process_time
from typing import Any, NamedTuple, TextIO

import torch
from shims import SHIMS
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

LATENT_DIM, WIDTH, BATCH_SIZE = 16, 128, 256


class Task(NamedTuple):
    """What a contestant is given, as JSON.

    Args:
        name: the contestant's, for its shim.
        file: with its ``train``.
        start: file with the points and both networks' weights.
        labels: whether its batches have labels, all 0.
        lr: of both players.
        epochs: passes over the points.
        seed: of all that is drawn.
        nan_at: before which batch, counted from 0, a NaN is put into the data; -1 for never.
        log: file for what it prints.
    """

    name: str
    file: str
    start: str
    labels: bool
    lr: float
    epochs: int
    seed: int
    nan_at: int
    log: str


def networks() -> tuple[nn.Sequential, nn.Sequential]:
    """Return a generator and a discriminator with logits (N, 1): 18,946 and 17,025 parameters."""
    generator = nn.Sequential(*_hidden(LATENT_DIM), nn.Linear(WIDTH, 2))
    return generator, nn.Sequential(*_hidden(2), nn.Linear(WIDTH, 1))


class Pipe:
    """The contestant's end: answers, and waits for a grant.

    Args:
        generator: what samples are drawn from.
        answers: where answers go.
        seed: of what is drawn from the first batch on.
    """

    def __init__(self, generator: nn.Module, answers: TextIO, seed: int) -> None:
        self._generator, self._answers, self._seed = generator, answers, seed
        self._granted, self._begun = 0, False
        self.over = ""

    def spend(self) -> None:
        """Take one batch from what was granted, and wait for a grant if there is none left; seed before the first."""
        if self._granted == 0:
            self.converse()
        if not self._begun:
            torch.manual_seed(self._seed)
            self._begun = True
        self._granted -= 1

    def converse(self) -> None:
        """Answer, and obey commands until one grants batches."""
        while True:
            self._answer()
            command, *arguments = sys.stdin.readline().split() or ["stop"]
            if command == "stop":
                sys.stdout.flush()
                os._exit(0)
            if command == "samples":
                self._draw(*arguments)
            elif not self.over:
                self._granted = int(arguments[0])
                return

    def _answer(self) -> None:
        print(json.dumps({"cpu": process_time(), "over": self.over}), file=self._answers, flush=True)

    def _draw(self, num: str, seed: str, file: str) -> None:
        z = torch.randn(int(num), LATENT_DIM, generator=torch.Generator().manual_seed(int(seed)))
        with torch.no_grad():
            torch.save(self._generator(z), file)


class Points(Dataset[Tensor]):
    """Points that cost next to nothing to fetch, a batch at a time, each against a grant."""

    def __init__(self, points: Tensor, task: Task, spend: Callable[[], None]) -> None:
        self._points, self._task, self._spend = points, task, spend
        self._fetched = 0

    def __len__(self) -> int:
        """Points per epoch."""
        return len(self._points)

    def __getitems__(self, indices: Sequence[int]) -> Any:
        """Return a batch."""
        self._spend()
        batch = self._points[torch.tensor(indices)]
        if self._fetched == self._task.nan_at:
            batch[0, 0] = torch.nan
        self._fetched += 1
        return (batch, torch.zeros(len(batch))) if self._task.labels else batch


def main(task: Task) -> None:
    """Train, and obey."""
    answers = _only_for_answers(task.log)
    torch.set_num_threads(1)
    SHIMS.get(task.name, lambda: None)()
    start = torch.load(task.start)
    generator, discriminator = networks()
    generator.load_state_dict(start["generator"])
    discriminator.load_state_dict(start["discriminator"])
    pipe = Pipe(generator, answers, task.seed)
    points = Points(start["points"], task, pipe.spend)
    order = torch.Generator().manual_seed(task.seed)
    loader = DataLoader(points, BATCH_SIZE, shuffle=True, drop_last=True, collate_fn=_as_it_is, generator=order)
    try:
        _train_of(task.file)(generator, discriminator, loader, task.lr, task.epochs)
        pipe.over = "ended"
    except BaseException as error:  # it is one of the things to be found out
        traceback.print_exc()
        pipe.over = f"{type(error).__name__}: {error}"
    pipe.converse()


def _only_for_answers(log: str) -> TextIO:
    """Return the standard output for answers alone; all else that is printed goes to the file."""
    answers = os.fdopen(os.dup(1), "w")
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(file, stream)
    return answers


def _train_of(file: str) -> Callable[..., None]:
    spec = importlib.util.spec_from_file_location(Path(file).stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    train: Callable[..., None] = module.train
    return train


def _hidden(size: int) -> list[nn.Module]:
    return [nn.Linear(size, WIDTH), nn.LeakyReLU(0.2), nn.Linear(WIDTH, WIDTH), nn.LeakyReLU(0.2)]


def _as_it_is(batch: Any) -> Any:
    return batch


if __name__ == "__main__":
    main(Task(**json.loads(sys.argv[1])))
