"""Several gloo processes of a test file, each of which leaves what it found in a file of its own."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import torch


def results_of_two_ranks(file: str, folder: Path, timeout: float = 400) -> list[dict[str, Any]]:
    """Run a test file twice, as ``torchrun`` would, and return what ``leave_results`` left, by rank."""
    return results_of_ranks(file, folder, 2, timeout=timeout)


def results_of_ranks(file: str, folder: Path, ranks: int, *more: str, timeout: float = 400) -> list[dict[str, Any]]:
    """Run a test file once per rank, with more arguments after the folder, and return what was left, by rank."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    own = {"NODE_RANK": "0", "WORLD_SIZE": str(ranks), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    own |= {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parent)}
    # Lightning seeds each process anew if an earlier test has left a seed for child processes.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PL_")}
    processes = [
        subprocess.Popen(
            [sys.executable, file, str(folder), *more],
            env={**inherited, **own, "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=folder,
        )
        for rank in range(ranks)
    ]
    try:
        outputs = [process.communicate(timeout=timeout)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert [process.returncode for process in processes] == [0] * ranks, "\n".join(outputs)
    return [torch.load(folder / f"{rank}.pt") for rank in range(ranks)]


def leave_results(results: dict[str, Any]) -> None:
    """Save what this process found in the folder that it was given."""
    torch.save(results, f"{sys.argv[1]}/{os.environ['LOCAL_RANK']}.pt")
