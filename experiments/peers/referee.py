"""The other end of the pipe: starts contestants, lets them go on, and draws samples from them."""

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from contestant_process import BATCH_SIZE, Task, networks
from peers_lineup import HERE, PEERS
from torch import Tensor

from gan_lightning.data import GaussianMixture

LR = 2e-4
BATCHES = 500
"""Per epoch."""
MIXTURES = {"ring": {"num_modes": 8, "radius": 2.0}, "grid": {"num_modes": 25, "spacing": 1.5}}


class Contestant:
    """One peer under way.

    Args:
        name: which.
        folder: where its files go.
        options: of its ``Task``, in the place of those of a run without a fault.
    """

    def __init__(self, name: str, folder: Path, **options: Any) -> None:
        peer = PEERS[name]
        self._folder = folder / name
        self._folder.mkdir()
        self._log = self._folder / "said.txt"
        usual: dict[str, Any] = {
            "file": str(HERE / "contestants" / peer.file),
            "nan_at": -1,
            "lr": LR,
            "labels": peer.labels,
        }
        task = Task(name=name, start=str(folder / "start.pt"), log=str(self._log), **(usual | options))
        self._process = subprocess.Popen(
            [peer.python, HERE / "contestant_process.py", json.dumps(task._asdict())],
            cwd=self._folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(HERE.parents[1])},
        )
        self.over = ""
        """"ended", or the error that ended it; empty while it trains."""
        self._spent = self._answer()

    def advance(self, batches: int) -> float:
        """Let it train on so many batches, or to its end, and return the CPU seconds that it took."""
        before, self._spent = self._spent, self._ask(f"advance {batches}")
        return self._spent - before

    def samples(self, num: int, seed: int) -> Tensor:
        """Return samples of its generator as it is, (num, 2)."""
        file = self._folder / "samples.pt"
        self._ask(f"samples {num} {seed} {file}")
        drawn: Tensor = torch.load(file)
        return drawn

    def said(self) -> str:
        """Return what it has printed, without the folder's name."""
        return self._log.read_text(errors="replace").replace(str(self._folder), ".")

    def stop(self) -> None:
        """End its process where it stands."""
        self._process.communicate("stop\n")

    def _ask(self, command: str) -> float:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{command}\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> float:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._folder.name} died without an answer; it said: {self.said()[-2000:]}")
        answer = json.loads(line)
        self.over = answer["over"]
        cpu: float = answer["cpu"]
        return cpu


@contextmanager
def started(names: Sequence[str], data: GaussianMixture, seed: int, **options: Any) -> Iterator[dict[str, Contestant]]:
    """Start contestants on the same points with the same weights, each paused before its first batch."""
    with TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        _write_start(folder / "start.pt", data, seed)
        contestants: dict[str, Contestant] = {}
        for each in names:
            contestants[each] = Contestant(each, folder, seed=seed, **options)
            stack.callback(contestants[each].stop)
        yield contestants


def mixture(name: str, seed: int, batches: int = BATCHES) -> GaussianMixture:
    """Return a mixture with as many points as an epoch has."""
    options: Any = MIXTURES[name]
    return GaussianMixture(name, sigma=0.1, num_samples=batches * BATCH_SIZE, seed=seed, **options)  # type: ignore[arg-type]


def _write_start(file: Path, data: GaussianMixture, seed: int) -> None:
    torch.manual_seed(seed)
    generator, discriminator = networks()
    weights = {"generator": generator.state_dict(), "discriminator": discriminator.state_dict()}
    torch.save({"points": data.load()[0], **weights}, file)
