import copy

import pytest
import torch
from torch import nn

from gan_lightning import AdamGAN


def twins(**arguments) -> tuple[nn.Module, AdamGAN, nn.Module, torch.optim.Adam]:
    torch.manual_seed(0)
    ours = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 1))
    theirs = copy.deepcopy(ours)
    adam = torch.optim.Adam(theirs.parameters(), **{"lr": 2e-4, "betas": (0.5, 0.999), **arguments}, fused=True)
    return ours, AdamGAN(ours.parameters(), **arguments), theirs, adam


def update(net: nn.Module, optimizer: torch.optim.Optimizer, x: torch.Tensor) -> None:
    optimizer.zero_grad()
    net(x).square().mean().backward()
    optimizer.step()


@pytest.mark.parametrize("arguments", [{}, {"lr": 0.1, "betas": (0.0, 0.9), "eps": 1e-3, "weight_decay": 0.1}])
def test_it_is_torchs_adam_bit_for_bit(arguments: dict) -> None:
    ours, mine, theirs, adam = twins(**arguments)
    for x in torch.randn(6, 8, 3):
        update(ours, mine, x)
        update(theirs, adam, x)
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(a, b)
    assert str(mine.state_dict()["state"]) == str(adam.state_dict()["state"])


def test_a_parameter_without_a_gradient_is_passed_over_as_in_torch() -> None:
    ours, mine, theirs, adam = twins()
    for i, x in enumerate(torch.randn(6, 8, 3)):
        for net in (ours, theirs):
            net[0].bias.requires_grad = i % 2 == 0
        update(ours, mine, x)
        update(theirs, adam, x)
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(a, b)


def test_it_goes_on_from_a_saved_state_with_another_rate() -> None:
    ours, mine, theirs, adam = twins()
    x = torch.randn(8, 3)
    for net, optimizer in ((ours, mine), (theirs, adam)):
        update(net, optimizer, x)
        optimizer.load_state_dict(copy.deepcopy(optimizer.state_dict()))
        optimizer.param_groups[0]["lr"] = 1e-2
        update(net, optimizer, x)
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(a, b)


def test_step_hooks_and_closures_are_called() -> None:
    net, optimizer, _, _ = twins()
    x, calls = torch.randn(8, 3), []
    optimizer.register_step_post_hook(lambda *_: calls.append("hook"))
    update(net, optimizer, x)
    update(net, optimizer, x)
    optimizer.step(lambda: calls.append("closure") or 1.0)
    assert calls == ["hook", "hook", "closure", "hook"]


def test_mixed_types_are_not_fused() -> None:
    assert not AdamGAN([nn.Parameter(torch.zeros(1)), nn.Parameter(torch.zeros(1).double())]).param_groups[0]["fused"]


def test_each_step_is_counted_once_through_every_way() -> None:
    """Lean, by closure, with a parameter left out, copied and loaded: the counters never run together."""
    net, optimizer, _, _ = twins()
    x = torch.randn(8, 3)
    for _ in range(3):
        update(net, optimizer, x)
    net[0].bias.requires_grad = False
    net[0].bias.grad = None
    update(net, optimizer, x)
    net[0].bias.requires_grad = True
    optimizer.step(lambda: 1.0)
    update(net, optimizer, x)
    steps = [float(optimizer.state[p]["step"]) for p in net.parameters()]
    assert steps == [6.0, 4.0, 6.0, 6.0]
    other = copy.deepcopy(optimizer)
    other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    update(net, optimizer, x)
    assert [float(state["step"]) for state in other.state.values()] == steps


def test_a_profiler_sees_the_step() -> None:
    net, optimizer, _, _ = twins()
    update(net, optimizer, torch.randn(8, 3))
    with torch.profiler.profile() as profiler:
        update(net, optimizer, torch.randn(8, 3))
    assert any("Optimizer.step#AdamGAN.step" in event.key for event in profiler.key_averages())


def test_parameters_that_take_no_part_are_left_alone_and_the_step_stays_lean(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    start = [torch.randn(3), torch.randn(2)]
    ours, theirs = ([torch.nn.Parameter(x.clone()) for x in start] for _ in range(2))
    adam, plain = AdamGAN(ours), torch.optim.Adam(theirs, lr=2e-4, betas=(0.5, 0.999))
    lean_steps, lean_step = [], adam._lean_step
    monkeypatch.setattr(adam, "_lean_step", lambda group: (lean_steps.append(step), lean_step(group)))
    for step in range(6):
        for used in (ours, theirs):
            used[0].grad = torch.full((3,), float(step + 1))
            used[1].grad = torch.ones(2) if step in (3, 4) else None
        adam.step()
        plain.step()
        for mine, other in zip(ours, theirs, strict=True):
            torch.testing.assert_close(mine, other)
    assert lean_steps == [1, 2, 4, 5]  # not 0 and 3, where torch makes a parameter's state
