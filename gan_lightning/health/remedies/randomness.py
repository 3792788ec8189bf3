"""All random states of this process: read, put back, and set to others."""

import hashlib
import random
from typing import Any

import numpy as np
import torch


def random_states(device: torch.device) -> dict[str, Any]:
    """Return the states of torch (CPU, and CUDA if ``device`` is one), Python and NumPy, in plain data."""
    name, keys, *place = np.random.get_state(legacy=True)
    states = {
        "cpu": torch.get_rng_state(),
        "python": random.getstate(),
        "numpy": (str(name), torch.from_numpy(np.array(keys, dtype=np.int64)), *place),
    }
    if device.type == "cuda":
        states["cuda"] = torch.cuda.get_rng_state(device)
    return states


def set_random_states(states: dict[str, Any], device: torch.device) -> None:
    """Draw on from ``random_states``."""
    torch.set_rng_state(states["cpu"])
    version, inner, gauss = states["python"]
    random.setstate((version, tuple(inner), gauss))
    name, keys, *place = states["numpy"]
    np.random.set_state((name, keys.numpy().astype(np.uint32), *place))
    if device.type == "cuda" and "cuda" in states:
        torch.cuda.set_rng_state(states["cuda"], device)


def draw_otherwise(attempt: int) -> None:
    """Draw on from states that are a pure function of the present one and of ``attempt``.

    Ranks that drew the same go on drawing the same, and those that did not, do not.
    """
    digest = hashlib.blake2b(torch.get_rng_state().numpy().tobytes() + attempt.to_bytes(8, "big"), digest_size=8)
    seed = int.from_bytes(digest.digest(), "big") >> 1
    torch.manual_seed(seed)
    random.seed(seed)
    np.random.seed(seed % 2**32)
