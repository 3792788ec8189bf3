"""Rows are followed through operations, and not touched."""

import pytest
import torch
import torch.nn.functional as F

from gan_lightning.probe.rows import NOTHING, cut, everything, length, stacked, united
from gan_lightning.probe.trace import Trace

REAL, FAKE = frozenset({0}), frozenset({1})


def traced(change):
    """Origins of what is made of a real (4, 1, 2, 2) and a generated (3, 1, 2, 2)."""
    real, fake = torch.randn(4, 1, 2, 2), torch.randn(3, 1, 2, 2)
    trace = Trace([real])
    trace.mark(fake, 1)
    with trace:
        result = change(real, fake)
    return trace.rows_of(result)


@pytest.mark.parametrize(
    ("change", "rows"),
    [
        (lambda r, f: 2 * r - 1, ((4, REAL),)),
        (lambda r, f: F.pad(r, [1, 1, 1, 1])[:, :, :2], ((4, REAL),)),
        (lambda r, f: torch.cat([r, f]), ((4, REAL), (3, FAKE))),
        (lambda r, f: torch.cat((f, r), dim=0).flatten(1), ((3, FAKE), (4, REAL))),
        (lambda r, f: torch.cat([r, f])[2:5], ((2, REAL), (1, FAKE))),
        (lambda r, f: torch.cat([r, f]).split([4, 3])[1] + 0.1, ((3, FAKE),)),
        (lambda r, f: torch.cat([r, torch.zeros_like(f) + f]).chunk(2)[1], ((3, FAKE),)),
        (lambda r, f: torch.cat([r, torch.ones(4, 2, 2, 2)], 1), ((4, REAL),)),
        (lambda r, f: torch.cat([r, torch.ones(1, 1, 2, 2)]), ((4, REAL), (1, NOTHING))),
        (lambda r, f: 0.5 * r[:3] + 0.5 * f, ((3, REAL | FAKE),)),
        (lambda r, f: r.detach().clone().requires_grad_(), ((4, REAL),)),
        (lambda r, f: r.add_(1.0), ((4, REAL),)),
        (lambda r, f: torch.randn(4, 2), None),
        (lambda r, f: torch.randn_like(r) + r.new_zeros(4, 1, 2, 2), None),
    ],
)
def test_origins_follow_operations(change, rows) -> None:
    assert traced(change) == rows


def test_values_and_random_numbers_stay() -> None:
    real = torch.randn(4, 3)
    torch.manual_seed(0)
    expected = torch.cat([F.dropout(real), torch.randn(4, 3)])
    torch.manual_seed(0)
    with Trace([real]):
        result = torch.cat([F.dropout(real), torch.randn(4, 3)])
    assert torch.equal(result, expected)
    assert not real.__dict__


def test_runs_of_rows() -> None:
    mixed = stacked([((2, REAL),), ((1, REAL),), ((2, FAKE),)])
    assert mixed == ((3, REAL), (2, FAKE))
    assert length(mixed) == 5
    assert cut(mixed, 2, 4) == ((1, REAL), (1, FAKE))
    assert cut(mixed, 5, 9) == ()
    assert united(mixed, ((1, FAKE), (4, REAL))) == ((1, REAL | FAKE), (2, REAL), (2, REAL | FAKE))
    assert united(mixed, ((2, NOTHING),)) == ((5, REAL | FAKE),)
    assert everything(()) == frozenset()
