import pytest
import torch

from gan_lightning.data import TensorLoader, to_unit_range


def seen(batches):
    return [batch.flatten().tolist() for batch in batches]


def test_yields_tensors_or_lists():
    x, y = torch.randn(10, 3), torch.arange(10)
    assert next(iter(TensorLoader(x, batch_size=4))).shape == (4, 3)
    batch = next(iter(TensorLoader(x, y, batch_size=4)))
    assert isinstance(batch, list)
    assert torch.equal(batch[0], x[batch[1]])


def test_transform_meets_the_first_tensor_only():
    x, y = torch.full((4, 2), 255, dtype=torch.uint8), torch.full((4,), 255, dtype=torch.uint8)
    samples, labels = next(iter(TensorLoader(x, y, batch_size=4, transform=to_unit_range)))
    assert samples.dtype == torch.float32
    assert labels.dtype == torch.uint8


def test_to_unit_range_is_exact_at_the_ends_and_even():
    values = to_unit_range(torch.arange(256, dtype=torch.uint8))
    assert values[0] == -1
    assert values[-1] == 1
    torch.testing.assert_close(values, torch.linspace(-1, 1, 256), atol=1e-6, rtol=0)


def test_each_pass_is_the_next_epoch_and_the_seed_fixes_all():
    def passes(seed):
        loader = TensorLoader(torch.arange(12), batch_size=3, seed=seed)
        return [seen(loader) for _ in range(3)]

    assert passes(1) == passes(1) != passes(2)
    assert len({str(epoch) for epoch in passes(1)}) == 3


def test_iter_alone_begins_no_epoch():
    loader = TensorLoader(torch.arange(12), batch_size=3)
    expected = seen(TensorLoader(torch.arange(12), batch_size=3))
    iter(loader), iter(loader)
    assert seen(loader) == expected


def test_a_pass_left_early_is_continued_and_each_pass_has_full_length():
    loader, straight = (TensorLoader(torch.arange(12), batch_size=3) for _ in range(2))
    first = seen(next(iter(loader)) for _ in range(2))
    rest = seen(loader)
    assert len(rest) == len(loader) == 4
    assert first + rest == (seen(straight) + seen(straight))[:6]


def test_set_epoch_counts_for_an_untouched_loader_only():
    first, second, straight = (TensorLoader(torch.arange(12), batch_size=3) for _ in range(3))
    epochs = [seen(straight) for _ in range(3)]
    first.set_epoch(2)
    assert seen(first) == epochs[2]
    next(iter(second))
    second.set_epoch(2)
    assert seen(second)[:3] == epochs[0][1:]


@pytest.mark.parametrize("count", range(9))
def test_resume_at_every_batch_of_two_epochs(count):
    def stream(loader):
        for _ in range(3):
            yield from loader

    straight = TensorLoader(torch.arange(13), batch_size=3, seed=7)
    batches = stream(straight)
    for _ in range(count):
        next(batches)
    state = straight.state_dict()
    assert all(type(value) is int for value in state.values())
    resumed = TensorLoader(torch.arange(13), batch_size=3, seed=7)
    resumed.load_state_dict(state)
    iter(resumed)
    rest = seen(batches)
    assert seen(stream(resumed))[: len(rest)] == rest


def test_a_pass_leaves_the_global_rng_alone():
    before = torch.get_rng_state()
    list(TensorLoader(torch.arange(12), batch_size=3))
    assert torch.equal(torch.get_rng_state(), before)


def test_load_refuses_another_order():
    loader = TensorLoader(torch.arange(12), batch_size=3)
    next(iter(loader))
    state = loader.state_dict()
    with pytest.raises(ValueError, match="has seed 0, this loader has seed 1: resume with seed=0"):
        TensorLoader(torch.arange(12), batch_size=3, seed=1).load_state_dict(state)
    with pytest.raises(ValueError, match="with 3 samples per batch over all devices, now there are 4"):
        TensorLoader(torch.arange(12), batch_size=4).load_state_dict(state)
    with pytest.raises(ValueError, match=r"after batch 3 of its epoch, this loader has 2 batches: .* smaller"):
        TensorLoader(torch.arange(6), batch_size=3).load_state_dict(state | {"position": 3})


def test_between_epochs_the_batch_size_may_change():
    loader = TensorLoader(torch.arange(12), batch_size=3)
    list(loader)
    other = TensorLoader(torch.arange(12), batch_size=4)
    other.load_state_dict(loader.state_dict())
    assert other.epoch == 1


def test_errors_at_construction():
    with pytest.raises(ValueError, match="at least one tensor"):
        TensorLoader(batch_size=1)
    with pytest.raises(ValueError, match="different lengths: 5 and 4"):
        TensorLoader(torch.zeros(5), torch.zeros(4), batch_size=1)
    with pytest.raises(ValueError, match="empty"):
        TensorLoader(torch.zeros(0, 3), batch_size=1)
    with pytest.raises(ValueError, match="5 samples do not fill one batch of 9: lower batch_size to at most 5"):
        TensorLoader(torch.zeros(5), batch_size=9)
    bad = torch.zeros(5, 3)
    bad[2, 1], bad[4, 0] = float("nan"), float("inf")
    with pytest.raises(
        ValueError, match=r"tensor 0 holds 2 NaN or infinite values among 15, the first at index \(2, 1"
    ):
        TensorLoader(bad, batch_size=1)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_tensors_on_a_gpu_are_batched_there_in_the_same_order():
    x = torch.arange(20)
    assert seen(TensorLoader(x.cuda(), batch_size=3)) == seen(TensorLoader(x, batch_size=3))
