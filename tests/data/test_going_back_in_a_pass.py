"""A loader can be moved in the middle of a pass."""

import torch

from gan_lightning.data import TensorLoader


def test_the_next_batch_comes_from_the_new_place_and_the_pass_keeps_its_length() -> None:
    loader = TensorLoader(torch.arange(6.0), batch_size=2, seed=1)
    first, second = (list(loader) for _ in range(2))
    loader = TensorLoader(torch.arange(6.0), batch_size=2, seed=1)
    place, seen = loader.state_dict(), []
    for batch in loader:
        seen.append(batch)
        if len(seen) == 2:
            loader.load_state_dict(place)
    assert torch.equal(torch.cat(seen), torch.cat([*first[:2], first[0]]))
    assert torch.equal(torch.cat(list(loader)), torch.cat([*first[1:], second[0]]))


def test_going_to_where_it_is_changes_nothing() -> None:
    loader, other = (TensorLoader(torch.arange(6.0), batch_size=2, seed=1) for _ in range(2))
    moved = []
    for batch in other:
        moved.append(batch)
        other.load_state_dict(other.state_dict())
    assert torch.equal(torch.cat(list(loader)), torch.cat(moved))
