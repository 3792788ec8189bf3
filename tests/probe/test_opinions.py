"""Logits, labels and losses in the forms in which others write them."""

import pytest
import torch

from gan_lightning.probe.classes import classes_of
from gan_lightning.probe.logged import logged_loss
from gan_lightning.probe.opinions import opinion_of, opinions_of_pair

ONE = torch.arange(4.0)
PATCHES = ONE[:, None, None, None] + torch.tensor([-1.0, 1.0])[None, None, None]
FEATURES = torch.full((4, 7, 2, 2), 9.0)


@pytest.mark.parametrize(
    "output",
    [
        ONE,
        ONE[:, None],
        PATCHES,
        (ONE, FEATURES),
        (FEATURES, ONE),
        (ONE[:, None], FEATURES, "more"),
        {"logits": PATCHES, "features": FEATURES},
        {"out": ONE},
        [PATCHES - 1, ONE + 1],
        [FEATURES, ONE],
        [[FEATURES, ONE - 2], [FEATURES, PATCHES + 2]],
        ([ONE, ONE], [[FEATURES], [FEATURES]]),
        ONE.half(),
    ],
)
def test_logits_are_one_per_sample(output: object) -> None:
    opinion = opinion_of(output, 4)
    assert opinion.dtype == torch.float32
    torch.testing.assert_close(opinion, ONE)


@pytest.mark.parametrize("output", [None, "text", torch.tensor(1.0), torch.zeros(3), (), {"a": ONE, "b": ONE}, []])
def test_what_is_no_opinion_is_none(output: object) -> None:
    assert opinion_of(output, 4) is None


def test_a_pair_is_answered_in_order() -> None:
    both = opinions_of_pair(([ONE, ONE], [ONE + 5, ONE + 7], [FEATURES], [FEATURES]), 4)
    torch.testing.assert_close(both, (ONE, ONE + 6))
    assert opinions_of_pair(ONE, 4) is None
    assert opinions_of_pair(("a", ONE), 4) is None


def test_classes_are_integers_or_one_hot_rows() -> None:
    label = torch.tensor([2, 0, 1, 1])
    assert torch.equal(classes_of({"x": FEATURES, "y": label}, 4), label)
    assert torch.equal(classes_of((FEATURES, label[:, None]), 4), label)
    assert torch.equal(classes_of(torch.nn.functional.one_hot(label).float(), 4), label)
    for other in (FEATURES, label[:3], label > 0, torch.randn(4, 3), torch.zeros(4, 5, dtype=torch.long)):
        assert classes_of(other, 4) is None


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("d_loss", "discriminator"),
        ("loss_D", "discriminator"),
        ("train/disc_loss", "discriminator"),
        ("discriminator_loss", "discriminator"),
        ("critic_loss", "discriminator"),
        ("errD", "discriminator"),
        ("lossD", "discriminator"),
        ("DLoss", "discriminator"),
        ("g_loss", "generator"),
        ("lossG", "generator"),
        ("train/gen_loss", "generator"),
    ],
)
def test_losses_are_known_by_their_names(name: str, role: str) -> None:
    metrics = {f"val/{name}": torch.tensor(3.0), f"{name}_real": torch.tensor(2.0), name: torch.tensor(1.0)}
    other = "generator" if role == "discriminator" else "discriminator"
    assert logged_loss(metrics, role) == 1.0
    assert logged_loss(metrics, other) is None
    assert logged_loss({"loss": torch.tensor(1.0), "d_accuracy": torch.tensor(1.0)}, role) is None
