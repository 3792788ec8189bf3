"""Whatever happens while a batch is recorded, nothing stays; and what 16-bit precision scales is scaled back."""

import pytest
import torch
from foreign.on_images import Augmented
from foreign.on_points import Conditional
from foreign.stranger import ring
from foreign_modules import Official, batches_for
from foreign_probe import Recorder, made
from helpers import Batches, InterruptError, fit
from lightning.pytorch.plugins import MixedPrecision
from torch.overrides import _get_current_function_mode_stack


class Interrupted(Augmented):
    """Fails within its second batch, which is traced."""

    was_traced = False

    def training_step(self, batch, batch_idx):
        super().training_step(batch, batch_idx)
        if batch_idx == 1:
            self.was_traced = bool(_get_current_function_mode_stack())
            raise InterruptError


def test_a_trace_ends_with_an_exception() -> None:
    module, recorder = made(Interrupted), Recorder()
    with pytest.raises(InterruptError):
        fit(module, Batches(*Interrupted.batches()), callbacks=[recorder])
    assert module.was_traced
    assert not _get_current_function_mode_stack()
    assert not recorder.probe.is_recording
    for network in (*recorder.probe.discriminators, *recorder.probe.generators):
        assert not network._forward_hooks
        assert "forward" not in network.__dict__


def test_a_module_that_needs_no_trace_is_never_traced() -> None:
    class Plain(Official):
        def training_step(self, batch, batch_idx):
            assert not _get_current_function_mode_stack()
            super().training_step(batch, batch_idx)

    recorder = Recorder()
    fit(made(Plain), Batches(*batches_for(Plain)), callbacks=[recorder])
    assert len(recorder.records) == 6


def records_with(scale: float) -> list:
    recorder = Recorder()
    precision = MixedPrecision("16-mixed", "cpu", torch.amp.GradScaler("cpu", init_scale=scale))
    fit(made(Official), Batches(*batches_for(Official)), callbacks=[recorder], plugins=[precision])
    return recorder.records


def test_what_is_measured_does_not_depend_on_the_loss_scale() -> None:
    for one, other in zip(records_with(1.0)[:2], records_with(1024.0)[:2], strict=True):
        for name in ("d_loss", "g_loss", "d_gradient", "g_gradient", "signal"):
            torch.testing.assert_close(getattr(one, name), getattr(other, name), rtol=0.1, atol=1e-3)


def test_asking_is_not_recorded() -> None:
    class Asking(Recorder):
        def on_before_optimizer_step(self, trainer, pl_module, optimizer) -> None:
            for each in self.probe.judged:
                each.judge(each.samples)
            super().on_before_optimizer_step(trainer, pl_module, optimizer)

    recorder = Asking()
    fit(made(Conditional), Batches(*Conditional.batches()), callbacks=[recorder])
    assert recorder.kinds(-1) == ["real", "fake", "fake"]


def test_what_was_judged_is_known_before_the_step() -> None:
    seen = []

    class Looking(Recorder):
        def on_before_optimizer_step(self, trainer, pl_module, optimizer) -> None:
            seen.append((self.probe.role_of(optimizer), [(e.kind, e.for_generator) for e in self.probe.judged]))
            super().on_before_optimizer_step(trainer, pl_module, optimizer)

    fit(made(Official), Batches(*batches_for(Official)[:1]), callbacks=[Looking()])
    assert seen[1] == ("discriminator", [("fake", True), ("real", False), ("fake", False)])


def test_random_classes_that_were_asked_for_are_the_labels_of_the_fakes() -> None:
    module, recorder = made(Conditional), Recorder()
    x, label = ring(16, 0)
    fit(module, Batches({"x": x, "label": label}), callbacks=[recorder])
    (record,) = recorder.records
    assert torch.equal(record.real_label, label)
    assert torch.equal(record.fake_label, module.asked)
