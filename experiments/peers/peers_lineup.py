"""Who takes part: each contestant's file, environment and pinned version, and what it needs today."""

import sys
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent


class Peer(NamedTuple):
    """A contestant.

    Args:
        title: what the tables call it.
        file: in ``contestants/``: what a user would write.
        requirement: the pinned package, which is all that its environment has beyond ``COMMON``; none if the project's
            own environment will do.
        labels: whether its trainer asks for labels with the points.
        shim: what had to be mended for today's torch and Python, in words; ``shims.py`` holds it.
    """

    title: str
    file: str
    requirement: str = ""
    labels: bool = False
    shim: str = ""

    @property
    def package(self) -> str:
        """The package's name, without its version."""
        return self.requirement.partition("==")[0]

    @property
    def python(self) -> Path:
        """The interpreter of its environment."""
        return environment(self.package) / "bin" / "python" if self.requirement else Path(sys.executable)


def environment(package: str) -> Path:
    """Return the folder of a package's environment."""
    return HERE / f".env-{package}"


PEERS = {
    "ours": Peer("gan_lightning, watched", "with_gan_lightning.py"),
    "unwatched": Peer("gan_lightning, not watched", "with_gan_lightning_unwatched.py"),
    "torchgan": Peer(
        "torchgan",
        "with_torchgan.py",
        "torchgan==0.1.0",
        shim="`make_grid(range=...)`, which torchvision has renamed; its first epoch ends in an error otherwise",
    ),
    "mimicry": Peer(
        "torch-mimicry",
        "with_mimicry.py",
        "torch-mimicry==0.1.16",
        labels=True,
        shim="empty modules in the place of `tensorflow`, `skimage` and `torch._six`, which `import torch_mimicry` asks"
        " for and training does not use",
    ),
    "vegans": Peer(
        "vegans",
        "with_vegans.py",
        "vegans==0.4.0",
        shim="`iter(loader).next()`, which torch has no longer; its own pins (torch 1.8.1, numpy 1.19.5) have no build"
        " for this Python",
    ),
    "lightning": Peer("Lightning's GAN example", "with_lightning.py"),
}

FAULTED = tuple(name for name in PEERS if name != "unwatched")
"""Who is put to the faults: not who was asked not to look."""

COMMON = (
    "torch==2.15.0",
    "torchvision==0.29.2",
    "numpy==2.4.6",
    "scipy==1.17.1",
    "pillow==13.0.0",
    "matplotlib==3.11.2",
    "tensorboard==2.21.0",
    "scikit-learn==1.9.1",
    "requests==2.34.2",
)
"""What all of them run on, in the place of what they pin or would resolve to."""
