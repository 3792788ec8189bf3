"""Every layer compiles into one graph that says the same, forward and backward."""

import subprocess
import sys

import torch
from torch import nn

from gan_lightning.layers import (
    ConditionalBatchNorm1d,
    GaussianNoise,
    Head,
    MinibatchDiscrimination,
    MinibatchStdDev,
    PixelNorm,
    Projection,
    SelfAttention,
    Taps,
    add_spectral_norm,
    equalize,
)
from gan_lightning.networks import MLPDiscriminator


def mlp():
    return MLPDiscriminator((2,), width=8)


def changed(change):
    network = mlp()
    change(network)
    return network


CASES = {
    "ConditionalBatchNorm": lambda: ConditionalBatchNorm1d(2, 3),
    "GaussianNoise": lambda: GaussianNoise(0.1).eval(),
    "Head": lambda: Head(mlp(), "classes", 5),
    "MinibatchDiscrimination": lambda: MinibatchDiscrimination(2),
    "MinibatchStdDev": MinibatchStdDev,
    "PixelNorm": PixelNorm,
    "Projection": lambda: Projection(mlp(), 3),
    "SelfAttention": lambda: nn.Sequential(nn.Unflatten(1, (2, 1, 1)), SelfAttention(2)),
    "Taps": lambda: Taps(mlp(), ["hidden.1", "hidden.3"]),
    "all wrappers": lambda: Head(Taps(Projection(mlp(), 3), ["network.hidden.0"]), "code", 2),
    "equalize": lambda: changed(equalize),
    "spectral norm": lambda: changed(add_spectral_norm).eval(),
}
LABELLED = {"ConditionalBatchNorm", "Projection", "all wrappers"}


def outputs(network, x, label):
    said = network(x) if label is None else network(x, label)
    found = [said] if isinstance(said, torch.Tensor) else [said.logits, said.features, *said.heads.values()]
    return [*found, *torch.autograd.grad(sum((value**2).sum() for value in found), x)]


def compare(name, make):
    torch._dynamo.reset()
    torch.manual_seed(0)
    network, x = make(), torch.randn(8, 2, requires_grad=True)
    label = torch.arange(8) % 3 if name in LABELLED else None
    expected = outputs(network, x, label)
    found = outputs(torch.compile(network, backend="aot_eager", fullgraph=True), x, label)
    assert len(found) == len(expected), name
    for value, other in zip(found, expected, strict=True):
        torch.testing.assert_close(value, other, msg=name)


def test_one_graph_that_says_the_same():
    # In a process without the tests' type checker, whose wrappers the compiler cannot see through.
    run = subprocess.run([sys.executable, __file__], capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr


if __name__ == "__main__":
    for name, make in CASES.items():
        compare(name, make)
