import pytest
import torch

from gan_lightning.data.order import EpochOrder, derive_seed


def epoch(order, number=0):
    return torch.cat(list(order.batches(number))).tolist()


def test_an_epoch_draws_each_sample_once():
    assert sorted(epoch(EpochOrder(100, 10))) == list(range(100))
    assert sorted(epoch(EpochOrder(103, 10, drop_last=False))) == list(range(103))
    assert len(set(epoch(EpochOrder(103, 10)))) == 100


def test_without_shuffle_the_order_is_that_of_the_data():
    assert epoch(EpochOrder(6, 2, shuffle=False), 3) == list(range(6))


def test_neighbouring_seeds_and_epochs_share_no_order():
    orders = [tuple(epoch(EpochOrder(20, 5, seed), number)) for seed in range(-2, 8) for number in range(10)]
    assert len(set(orders)) == 100


def test_seeds_beyond_32_bits_count():
    # torch's own generator takes the low 32 bits of a seed only.
    assert epoch(EpochOrder(50, 5, seed=5)) != epoch(EpochOrder(50, 5, seed=5 + (1 << 40)))


def test_derived_seeds_depend_on_the_purpose_and_each_part():
    assert (
        len({derive_seed("a", 1, 23), derive_seed("b", 1, 23), derive_seed("a", 12, 3), derive_seed("a", 1, 24)}) == 4
    )
    assert all(0 <= derive_seed("a", k) < 1 << 63 for k in range(-50, 50))


def test_start_skips_batches_and_changes_none():
    order = EpochOrder(30, 4, seed=1)
    assert torch.equal(torch.stack(list(order.batches(2, 3))), torch.stack(list(order.batches(2))[3:]))


@pytest.mark.parametrize("world_size", [1, 2, 3, 4])
@pytest.mark.parametrize("drop_last", [True, False])
def test_ranks_together_see_what_one_process_sees(monkeypatch, world_size, drop_last):
    def batches(rank, ranks, batch_size):
        monkeypatch.setattr("gan_lightning.data.order.rank_and_world_size", lambda: (rank, ranks))
        return list(EpochOrder(58, batch_size, seed=3, drop_last=drop_last).batches(5))

    joined = batches(0, 1, 4 * world_size)
    shares = [batches(rank, world_size, 4) for rank in range(world_size)]
    assert {len(share) for share in shares} == {len(joined)}
    for whole, *parts in zip(joined, *shares, strict=True):
        assert torch.cat(parts).tolist() == whole.tolist()
        assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_a_tail_shorter_than_the_ranks_repeats(monkeypatch):
    tails = []
    for rank in range(3):
        monkeypatch.setattr("gan_lightning.data.order.rank_and_world_size", lambda rank=rank: (rank, 3))
        tails.append(list(EpochOrder(8, 2, shuffle=False, drop_last=False).batches(0))[-1].tolist())
    assert tails == [[6], [7], [6]]


def test_errors_at_construction():
    with pytest.raises(ValueError, match="data set is empty"):
        EpochOrder(0, 1)
    with pytest.raises(ValueError, match="batch_size must be at least 1, got 0"):
        EpochOrder(5, 0)
    with pytest.raises(ValueError, match="the 5 samples do not fill one batch of 6: lower batch_size to at most 5"):
        EpochOrder(5, 6)
    assert len(EpochOrder(5, 6, drop_last=False)) == 1


def test_errors_once_the_ranks_are_known(monkeypatch):
    order = EpochOrder(10, 4)
    monkeypatch.setattr("gan_lightning.data.order.rank_and_world_size", lambda: (0, 4))
    message = r"10 samples do not fill one batch of 4 on each of 4 devices \(16\): lower batch_size to at most 2"
    with pytest.raises(ValueError, match=message):
        next(order.batches(0))
    with pytest.raises(ValueError, match=message):
        len(order)
    monkeypatch.setattr("gan_lightning.data.order.rank_and_world_size", lambda: (0, 11))
    with pytest.raises(ValueError, match="use at most 10 devices"):
        len(order)
