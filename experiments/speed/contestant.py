"""A training loop that runs in a thread of its own and can be paused between two batches.

So any number of loops that are written in the usual way, ``trainer.fit`` among them, take turns within one process. The
brake is the loader: it hands out as many batches as were granted and blocks before the next. Nothing is added to a step
but the comparison of a counter with zero, the same for all. Raw loops run in threads too, because memory that a thread
allocates comes from the thread's own pool, with other costs than the main thread's.

Raw loops are spared what importing Lightning does to a process: it sets ``PYTORCH_NVML_BASED_CUDA_CHECK``, and then
torch's Adam looks for NVIDIA's driver library on the disk at each step, if torch was built with CUDA and there is none.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from threading import Semaphore, Thread
from typing import Any

import torch
from workloads import Networks


class _StopError(Exception):
    """Ends a loop from within its loader."""


class Batches:
    """The batches of a loader, epoch after epoch, as many as were granted.

    Args:
        loader: hands out one epoch per pass.
        num_batches: its length.
    """

    def __init__(self, loader: Iterable[Any], num_batches: int) -> None:
        self._loader, self._num_batches = loader, num_batches
        self._granted = 0
        self._go, self._arrived = Semaphore(0), Semaphore(0)
        self._over = False

    def __len__(self) -> int:
        """Batches per epoch."""
        return self._num_batches

    def __iter__(self) -> Iterator[Any]:
        """Yield one epoch, waiting for grants."""
        for batch in self._loader:
            if self._granted == 0:
                self._pause()
            self._granted -= 1
            yield batch

    def _pause(self) -> None:
        self._arrived.release()
        self._go.acquire()
        if self._over:
            raise _StopError

    def grant(self, count: int) -> None:
        """Let the loop go on for ``count`` batches, or to its end for none, and wait for it."""
        self._granted, self._over = count, count == 0
        self._go.release()
        self._arrived.acquire()

    def await_first(self) -> None:
        """Wait until the loop asks for its first batch."""
        self._arrived.acquire()

    def loop_ended(self) -> None:
        """Wake up who waits for the loop."""
        self._arrived.release()


class Contestant:
    """One way to train, under way.

    Args:
        networks: what it trains.
        batches: what it trains on.
        train: trains on the batches without end.
        imports_lightning: whether it would run in a process that has imported Lightning.
    """

    def __init__(
        self, networks: Networks, batches: Batches, train: Callable[[Batches], None], imports_lightning: bool
    ) -> None:
        self.networks = networks
        self._batches, self._train, self._imports_lightning = batches, train, imports_lightning
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()
        batches.await_first()
        self._raise_error()

    def advance(self, steps: int) -> None:
        """Train for so many steps and pause."""
        os.environ["PYTORCH_NVML_BASED_CUDA_CHECK"] = str(int(self._imports_lightning))
        self._batches.grant(steps)
        self._raise_error()

    def stop(self) -> None:
        """End the loop."""
        self._batches.grant(0)
        self._thread.join()

    def _run(self) -> None:
        torch.set_num_threads(1)
        try:
            self._train(self._batches)
        except _StopError:
            pass
        except BaseException as error:  # raised again in the main thread
            self._error = error
        finally:
            self._batches.loop_ended()

    def _raise_error(self) -> None:
        if self._error is not None:
            raise self._error
