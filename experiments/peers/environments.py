"""Make an environment for each peer, from the package registry.

    python experiments/peers/environments.py [--reuse-torch]

Peers are installed without their dependencies, which are old or have no build for today's Python, and beside them the
same torch for all. ``--reuse-torch`` takes torch and the rest from the environment that runs this command.
"""

import argparse
import subprocess
import sysconfig
import venv
from pathlib import Path

from peers_lineup import COMMON, PEERS, Peer, environment

SHARED = "shared-torch.pth"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reuse-torch", action="store_true", help="do not download torch")
    install_common = reuse if parser.parse_args().reuse_torch else download
    for peer in PEERS.values():
        if peer.requirement:
            make(peer)
            install_common(peer)
            print(f"{peer.requirement}: {environment(peer.package).name}", flush=True)


def make(peer: Peer) -> None:
    """Make the environment with the peer alone."""
    venv.create(environment(peer.package), with_pip=True, clear=True)
    _pip(peer, "setuptools<81", "wheel")  # mimicry has no wheel, and its build is of old
    _pip(peer, "--no-deps", "--no-build-isolation", peer.requirement)


def download(peer: Peer) -> None:
    """Install what it runs on."""
    _pip(peer, *COMMON)


def reuse(peer: Peer) -> None:
    """Let it find what it runs on in this environment, after its own."""
    (_site_packages(peer) / SHARED).write_text(sysconfig.get_path("purelib") + "\n")


def _site_packages(peer: Peer) -> Path:
    (found,) = environment(peer.package).glob("lib/python*/site-packages")
    return found


def _pip(peer: Peer, *arguments: str) -> None:
    subprocess.run([peer.python, "-m", "pip", "install", "--quiet", *arguments], check=True)


if __name__ == "__main__":
    main()
