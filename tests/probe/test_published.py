"""The records of our own GANs: what was judged, in which update, and with what effect."""

import pytest
import torch
from foreign_probe import Recorder
from helpers import Batches, Labelled, fit, make, mlp, points, weights
from torch import Tensor

from gan_lightning import GAN, R1, PacGAN
from gan_lightning.losses import RelativisticAverage, Wasserstein


def watched(gan: GAN, data=None) -> Recorder:
    recorder = Recorder()
    fit(gan, points() if data is None else data, callbacks=[recorder])
    return recorder


def phases(recorder: Recorder, number: int = 0) -> list[tuple[str, bool]]:
    return [(each.kind, each.for_generator) for each in recorder.records[number].judgements]


OWN, TURN = [("real", False), ("fake", False)], [("fake", True)]


def test_each_update_is_recorded() -> None:
    data = points()
    recorder = watched(make(), data)
    assert phases(recorder) == OWN + TURN
    for batch, record in zip(data, recorder.records, strict=True):
        assert torch.equal(record.real, batch)
        assert record.fake.shape == batch.shape
        assert record.signal.shape == (8,)
        assert all(each.logits.shape == (8,) for each in record.judgements)
        for name in ("d_loss", "g_loss", "d_gradient", "g_gradient"):
            value = getattr(record, name)
            assert value.isfinite()
            assert value > 0


def test_micro_batches_are_judged_one_by_one_and_their_losses_add_up_to_the_whole() -> None:
    parts, whole = (watched(make(micro_batches_d=n, micro_batches_g=n)) for n in (2, 1))
    assert phases(parts) == 2 * OWN + 2 * TURN
    judged = [each for each in parts.records[0].judgements if each.kind == "real"]
    assert torch.equal(torch.cat([each.samples for each in judged]), next(iter(points())))
    for part, one in zip(parts.records[:1], whole.records[:1], strict=True):
        assert 0.5 < part.d_loss / one.d_loss < 2  # other latents


def test_without_a_turn_of_the_generator_nothing_is_said_of_it() -> None:
    recorder = watched(make(d_steps=2))
    assert [phases(recorder, number) for number in range(4)] == [OWN, OWN + TURN, OWN, OWN + TURN]
    assert recorder.records[0].g_loss is None
    assert recorder.records[0].signal is None
    assert recorder.records[1].g_loss is not None


def test_what_a_relativistic_generator_compares_with_is_recorded_too() -> None:
    assert phases(watched(make(loss=RelativisticAverage()))) == [*OWN, ("real", True), ("fake", True)]


class Regularized(R1, GAN):
    pass


class Packed(PacGAN, GAN):
    pass


def test_penalties_do_not_hide_the_opinions() -> None:
    assert phases(watched(make(Regularized, r1_gamma=1.0, loss=Wasserstein()))) == OWN + TURN


def test_packed_samples_are_judged_together() -> None:
    recorder = watched(make(Packed, pack=2, discriminator=mlp(4, 1)))
    assert phases(recorder) == OWN + TURN
    judgement = recorder.records[0].judged("real")
    assert judgement.samples.shape == (8, 2)
    assert judgement.logits.shape == judgement.judge(judgement.samples).shape == (4,)


def test_labels_are_those_of_the_batch() -> None:
    label = torch.arange(8) % 3
    gan = make(generator=Labelled(4, 2, 3), discriminator=Labelled(2, 1, 3), num_classes=3)
    record = watched(gan, Batches([next(iter(points())), label])).records[0]
    assert torch.equal(record.real_label, label)
    assert torch.equal(record.fake_label, label)


@pytest.mark.parametrize("arguments", [{}, {"d_steps": 2, "micro_batches_d": 2}, {"joint_pass": True}])
def test_watching_changes_nothing(arguments: dict) -> None:
    def trained(*callbacks: Recorder) -> Tensor:
        gan = make(**arguments)
        fit(gan, callbacks=list(callbacks))
        return weights(gan)

    assert torch.equal(trained(Recorder()), trained())


def test_others_are_judged_as_the_discriminator_does() -> None:
    gan = make()
    judgement = watched(gan).records[-1].judged("fake")
    x = judgement.samples.clone().requires_grad_()
    torch.testing.assert_close(judgement.judge(x), gan.critique(x, None).logits)
    assert torch.autograd.grad(judgement.judge(x).sum(), x)[0].norm() > 0
