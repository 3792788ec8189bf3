import pytest
import torch
from torch import Tensor

from gan_lightning.health.collector import REFERENCE, Collector
from gan_lightning.health.span import MOST, Span
from gan_lightning.probe import Judgement, StepRecord


def record(real: Tensor, fake: Tensor, **fields: Tensor) -> StepRecord:
    judgements = [Judgement(kind, x, x[:, 0], False, lambda x: x) for kind, x in (("real", real), ("fake", fake))]
    return StepRecord(judgements, real, fake, **fields)


def calibrated(samples: int = 64, size: int = 2) -> Collector:
    collector = Collector(samples, 1)
    collector.add(record(torch.randn(REFERENCE, size), torch.randn(8, size)))
    assert collector.known() >= REFERENCE
    collector.fit_reference()
    return collector


def test_a_window_is_made_of_the_last_samples() -> None:
    collector = calibrated()
    batches = [(torch.randn(24, 2), torch.randn(40, 2)) for _ in range(6)]
    for number, (real, fake) in enumerate(batches):
        signal = torch.full((40,), float(number))
        collector.add(record(real, fake, signal=signal, d_loss=torch.tensor(float(number))))
    window = collector.window(100)
    real, fake = (torch.cat([pair[i] for pair in batches])[-64:] for i in range(2))
    torch.testing.assert_close(window.real, real - collector.reference.mean)
    torch.testing.assert_close(window.fake, fake - collector.reference.mean)
    assert torch.equal(window.fake_logits, fake[:, 0])
    assert torch.equal(window.signal, torch.tensor([4.0] * 24 + [5.0] * 40))
    assert torch.equal(window.d_loss, torch.arange(6.0))
    assert len(window.g_loss) == len(window.real_label) == 0
    assert collector.window(200) is None


def test_labels_go_with_their_samples() -> None:
    collector = calibrated()
    for number in range(4):
        label = torch.full((20,), number)
        collector.add(record(torch.randn(20, 2), torch.randn(20, 2), real_label=label, fake_label=label[:7]))
    window = collector.window(100)
    assert window.real_label.tolist() == [0] * 4 + [1] * 20 + [2] * 20 + [3] * 20
    assert window.real_label.dtype == torch.long
    assert len(window.fake_label) == 0


def test_what_is_kept_is_a_copy() -> None:
    collector = calibrated()
    real, fake = torch.randn(64, 2), torch.randn(64, 2)
    expected = fake.clone()
    collector.add(record(real, fake))
    fake.zero_()
    torch.testing.assert_close(collector.window(1).fake, expected - collector.reference.mean)


def test_no_more_is_kept_than_is_needed() -> None:
    collector = Collector(64, 1)
    for _ in range(100):
        collector.add(record(torch.randn(48, 1, 20, 20), torch.randn(48, 1, 20, 20)))
    kept = collector.state_dict()["kept"][0]
    assert sum(map(len, kept["real"])) < REFERENCE + 48
    assert sum(map(len, kept["fake"])) < 64 + 48
    assert {x.shape[1] for x in kept["real"]} == {256}
    large = calibrated()
    large.add(record(torch.randn(10_000, 2), torch.randn(10_000, 2)))
    kept = large.state_dict()["kept"][0]
    assert {name: len(parts[0]) for name, parts in kept.items()} == dict.fromkeys(kept, 64)
    assert all(x.untyped_storage().nbytes() == x.nbytes for parts in kept.values() for x in parts)


def test_a_batch_that_is_not_finite_spoils_its_window_and_not_the_yardstick() -> None:
    collector = calibrated()
    collector.add(record(torch.full((64, 2), torch.nan), torch.randn(64, 2)))
    assert collector.window(100).real_shares.isnan().all()
    collector.add(record(torch.randn(64, 2), torch.randn(64, 2)))
    window = collector.window(200)
    assert window.real_shares.isfinite().all()
    assert window.shares.isfinite().all()


@pytest.mark.parametrize(("size", "first"), [(512, 95), (103, 95), (64, 92), (8, 36), (1, 100 - MOST)])
def test_as_many_batches_are_looked_at_as_hold_the_samples(size: int, first: int) -> None:
    span = Span(100, 512, "HealthMonitor")
    span.see(torch.zeros(size, 2), 1)
    assert span.first == first
    span.see(torch.zeros(1, 2), 1)
    assert span.first == first


def test_ranks_share_the_samples() -> None:
    span = Span(100, 512, "HealthMonitor")
    span.see(torch.zeros(16, 2), 4)
    assert span.first == 92
