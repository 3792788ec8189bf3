"""R1 from outside equals R1 written into the module's own loss."""

from typing import Any

import pytest
import torch
from foreign_modules import FOREIGN, HiddenJudge, Official, RawBackward, batches_for, layers
from helpers import Batches, fit, weights
from torch import nn

from gan_lightning import R1, AddInstanceNoise, AddR1, Critique
from gan_lightning.callbacks import ClipGradients


def by_hand(judge, real, gamma):
    """The paper's equation 9, as it would be written into a loss."""
    x = real.clone().requires_grad_()
    logits = judge(x)
    (gradient,) = torch.autograd.grad(logits.sum(), x, create_graph=True)
    return gamma / 2 * gradient.square().sum(1).mean()


def with_r1(cls: type, gamma: float = 2.0) -> type:
    return type("WithR1", (cls,), {"penalty": lambda self, judge, real: by_hand(judge, real, gamma)})


def trained(cls: type, *callbacks: Any, data: Any = None, **arguments: Any) -> torch.Tensor:
    torch.manual_seed(1)
    module = cls()
    data = batches_for(cls) if data is None else data
    fit(module, Batches(*data), callbacks=list(callbacks), **{"precision": "64-true", **arguments})
    return weights(module)


@pytest.mark.parametrize("cls", FOREIGN)
def test_it_is_r1_written_by_hand(cls: type) -> None:
    expected = trained(with_r1(cls))
    torch.testing.assert_close(trained(cls, AddR1(gamma=2.0)), expected, rtol=0, atol=1e-10)
    assert not torch.allclose(expected, trained(cls), atol=1e-4)


@pytest.mark.parametrize("cls", FOREIGN)
def test_neutral_setting_changes_nothing(cls: type) -> None:
    assert torch.equal(trained(cls, AddR1(gamma=0.0)), trained(cls))


def test_lazily_it_comes_each_kth_update_and_k_times_as_strong() -> None:
    class Lazy(Official):
        updates = 0

        def penalty(self, judge, real):
            self.updates += 1
            return by_hand(judge, real, 3 * 2.0) if self.updates % 3 == 1 else 0.0

    torch.testing.assert_close(trained(Official, AddR1(gamma=2.0, every=3)), trained(Lazy), rtol=0, atol=1e-10)


class Critic(nn.Module):
    """Returns what is asked for."""

    form = staticmethod(lambda logits: logits)

    def __init__(self) -> None:
        super().__init__()
        self.net = layers(2, 1)

    def forward(self, x):
        return self.form(self.net(x))


class TwiceWithCritique(Official):
    """Updates the critic twice per batch; the critic returns a Critique."""

    def __init__(self) -> None:
        super().__init__()
        self.discriminator = Critic()
        self.discriminator.form = lambda logits: Critique(logits.reshape(-1))

    def training_step(self, batch, batch_idx):
        optimizer_g, optimizer_d = self.optimizers()
        for _ in range(2):
            fake = self.generator(torch.randn(len(batch), 4).to(batch))
            loss = self.discriminator(fake.detach()).logits.mean() - self.discriminator(batch).logits.mean()
            loss = loss + self.penalty(lambda x: self.discriminator(x).logits, batch)
            optimizer_d.zero_grad()
            self.manual_backward(loss)
            optimizer_d.step()
        self.toggle_optimizer(optimizer_g)
        self.manual_backward(-self.discriminator(self.generator(torch.randn(8, 4).to(batch))).logits.mean())
        optimizer_g.step()
        optimizer_g.zero_grad()
        self.untoggle_optimizer(optimizer_g)


class InParts(Official):
    """Accumulates the gradient over two halves of each batch."""

    def training_step(self, batch, batch_idx):
        optimizer_d = self.optimizers()[1]
        for part in batch.chunk(2):
            fake = self.generator(torch.randn(len(part), 4).to(batch)).detach()
            loss = self.discriminator(fake).mean() - self.discriminator(part).mean()
            self.manual_backward(loss / 2 + self.penalty(self.discriminator, part) / 2)
        optimizer_d.step()
        optimizer_d.zero_grad()


class Copies(Official):
    """Judges a copy, after metrics on it and within a concatenation whose last rows are real."""

    def training_step(self, batch, batch_idx):
        optimizer_d = self.optimizers()[1]
        fake = self.generator(torch.randn(len(batch), 4).to(batch)).detach()
        with torch.no_grad():
            self.discriminator(batch)
        on_fake, on_real = self.discriminator(torch.cat([fake, batch])).chunk(2)
        self.manual_backward(on_fake.mean() - on_real.mean() + self.penalty(self.discriminator, batch))
        optimizer_d.step()
        optimizer_d.zero_grad()


class Automatic(Official):
    """Only a discriminator, in automatic optimisation, with accumulated gradients."""

    def __init__(self) -> None:
        super().__init__()
        self.automatic_optimization = True

    def training_step(self, batch, batch_idx):
        fake = torch.randn(8, 2).to(batch)
        loss = self.discriminator(fake).square().mean() - self.discriminator(batch).mean()
        return loss + self.penalty(self.discriminator, batch)

    def configure_optimizers(self):
        return torch.optim.Adam(self.discriminator.parameters(), lr=1e-2)


@pytest.mark.parametrize("cls", [TwiceWithCritique, InParts, Copies, Automatic])
def test_other_habits(cls: type) -> None:
    torch.testing.assert_close(trained(cls, AddR1(gamma=2.0)), trained(with_r1(cls)), rtol=0, atol=1e-10)


def test_mixed_precision_gets_the_penalty_in_float32() -> None:
    """The module itself is rounded to bfloat16; the callback's penalty is that of float32."""
    seen = []

    class Watch(nn.Linear):
        def forward(self, x):
            seen.append((x.dtype, torch.is_autocast_enabled("cpu"), x.requires_grad and x.is_leaf))
            return super().forward(x)

    module = Official()
    module.discriminator = nn.Sequential(Watch(2, 8), nn.Tanh(), nn.Linear(8, 1))
    before = weights(module)
    fit(module, Batches(*batches_for(Official)), callbacks=[AddR1()], precision="bf16-mixed")
    assert (torch.float32, False, True) in seen
    assert len([call for call in seen if call[2]]) == 6
    assert weights(module).isfinite().all()
    assert not torch.equal(before, weights(module))


def test_scaled_gradients_of_16_bit_training_are_unscaled_before() -> None:
    from lightning.pytorch.plugins.precision import MixedPrecision

    def run(cls, *callbacks):
        precision = MixedPrecision("16-mixed", "cpu", torch.amp.GradScaler("cpu", init_scale=2.0**12))
        return trained(cls, *callbacks, precision=None, plugins=[precision])

    expected = trained(with_r1(Official), precision="32-true")
    torch.testing.assert_close(run(Official, AddR1(gamma=2.0)), expected, rtol=0, atol=5e-3)


def test_a_checkpoint_keeps_the_place_in_the_interval(tmp_path) -> None:
    data = batches_for(Official)
    straight, resumed = Official(), Official()
    resumed.load_state_dict(straight.state_dict())

    from lightning.pytorch import Callback

    class Seeds(Callback):
        def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
            torch.manual_seed(trainer.global_step)

    fit(straight, Batches(*data[:4]), callbacks=[AddR1(every=3), Seeds()], max_epochs=2)
    first = fit(resumed, Batches(*data[:4]), callbacks=[AddR1(every=3), Seeds()], max_epochs=1)
    first.save_checkpoint(tmp_path / "x.ckpt")
    again = Official()
    fit(again, Batches(*data[:4]), callbacks=[AddR1(every=3), Seeds()], max_epochs=2, ckpt_path=tmp_path / "x.ckpt")
    assert torch.equal(weights(straight), weights(again))


def test_it_goes_together_with_noise_and_clipping() -> None:
    together = trained(Official, AddR1(), AddInstanceNoise(std=0.5), ClipGradients(max_norm_d=0.1))
    assert together.isfinite().all()
    assert not torch.equal(together, trained(Official, AddR1(), ClipGradients(max_norm_d=0.1)))


def test_it_works_on_a_gan_of_this_package_and_equals_the_mixin() -> None:
    from helpers import make, points

    callback, mixin = make(), make(R1, r1_gamma=2.0)
    fit(callback, points(), callbacks=[AddR1(gamma=2.0)])
    fit(mixin, points())
    torch.testing.assert_close(weights(callback), weights(mixin), rtol=0, atol=1e-5)


def test_hooks_are_gone_afterwards_and_after_an_error() -> None:
    module, broken = Official(), Official()
    fit(module, Batches(*batches_for(Official)), callbacks=[AddR1()])
    assert not module.discriminator._forward_pre_hooks
    broken.training_step = lambda batch, batch_idx: 1 / 0
    with pytest.raises(ZeroDivisionError):
        fit(broken, Batches(*batches_for(Official)), callbacks=[AddR1()])
    assert not broken.discriminator._forward_pre_hooks


class Rescales(Official):
    def training_step(self, batch, batch_idx):
        super().training_step(batch * 2 - 1, batch_idx)


class CallsForward(Official):
    def training_step(self, batch, batch_idx):
        optimizer_d = self.optimizers()[1]
        self.manual_backward(self.discriminator.forward(batch).mean())
        optimizer_d.step()


class ConditionFirst(HiddenJudge):
    def training_step(self, batch, batch_idx):
        for condition, x in ((batch["image"], batch["image"] + 1), (batch["image"], batch["image"] + 2)):
            self.manual_backward(self.loss.discriminator(condition, batch["label"])["logits"].mean() * x.mean())
        self.optimizers()[1].step()


class BehindTheBack(Official):
    def training_step(self, batch, batch_idx):
        optimizer_d = self.optimizers(use_pl_optimizer=False)[1]
        self.manual_backward(self.discriminator(batch).mean())
        optimizer_d.step()


class SeveralOutputs(Official):
    def __init__(self) -> None:
        super().__init__()
        self.discriminator = Critic()
        self.discriminator.form = lambda logits: [logits, logits]

    def training_step(self, batch, batch_idx):
        self.manual_backward(self.discriminator(batch)[0].mean())
        self.optimizers()[1].step()


@pytest.mark.parametrize(
    ("cls", "message"),
    [
        (Rescales, r"its 3 calls, on samples of \(8, 2\), were on other samples; the batch has \(8, 2\)"),
        (CallsForward, r"discriminator was updated, but it was not called"),
        (ConditionFirst, "looks like a condition"),
        (BehindTheBack, "behind Lightning's back"),
    ],
)
def test_what_cannot_work_is_an_error_in_the_first_batch(cls: type, message: str) -> None:
    with pytest.raises(RuntimeError, match=message):
        trained(cls, AddR1(), data=batches_for(cls, count=1))


def test_several_outputs_are_no_logits() -> None:
    with pytest.raises(TypeError, match="cannot tell the logits in the discriminator's output, a list"):
        trained(SeveralOutputs, AddR1())


def test_batch_norm_is_warned_of() -> None:
    module = Official()
    module.discriminator = nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.Linear(8, 1))
    with pytest.warns(UserWarning, match="the discriminator discriminator has batch norm"):
        fit(module, Batches(*batches_for(Official)), callbacks=[AddR1()])


def test_lbfgs_is_refused() -> None:
    class Quasi(Official):
        def configure_optimizers(self):
            return torch.optim.SGD(self.generator.parameters()), torch.optim.LBFGS(self.discriminator.parameters())

    with pytest.raises(ValueError, match="LBFGS also needs the loss"):
        trained(Quasi, AddR1())


def test_bad_arguments() -> None:
    for arguments in ({"gamma": -1.0}, {"every": 0}, {"every": 2.5}):
        with pytest.raises(ValueError, match="expected gamma >= 0 and a whole number every >= 1"):
            AddR1(**arguments)


def test_two_discriminators_take_two_callbacks() -> None:
    class Two(Official):
        def __init__(self) -> None:
            super().__init__()
            self.disc_a, self.disc_b = layers(2, 1), layers(2, 1)
            del self.discriminator

        def training_step(self, batch, batch_idx):
            for judge, optimizer in zip((self.disc_a, self.disc_b), self.optimizers(), strict=True):
                self.manual_backward(judge(batch).mean() - judge(batch + 1).mean() + self.penalty(judge, batch))
                optimizer.step()
                optimizer.zero_grad()

        def configure_optimizers(self):
            return [torch.optim.Adam(judge.parameters(), lr=1e-2) for judge in (self.disc_a, self.disc_b)]

    both = trained(Two, AddR1(gamma=2.0, discriminator="disc_a"), AddR1(gamma=2.0, discriminator="disc_b"))
    torch.testing.assert_close(both, trained(with_r1(Two)), rtol=0, atol=1e-10)
    with pytest.raises(ValueError, match="several networks that may be its discriminator: disc_a, disc_b"):
        trained(Two, AddR1())


@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor")  # of dynamo, at the module's own call
def test_a_compiled_discriminator_is_differentiated_eagerly() -> None:
    class Compiled(Official):
        def __init__(self) -> None:
            super().__init__()
            self.discriminator = torch.compile(self.discriminator, backend="eager")

    torch.testing.assert_close(trained(Compiled, AddR1(gamma=2.0)), trained(with_r1(Official)), rtol=0, atol=1e-10)


def test_raw_backward_is_served_too() -> None:
    assert not torch.equal(trained(RawBackward, AddR1()), trained(RawBackward))


class Conditional(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.net = layers(4, 1)

    def forward(self, x, condition):
        return self.net(torch.cat([x, condition], 1))


class Matching(Official):
    """Reed et al. 2016: the real samples are judged under the right condition, and then under a wrong one."""

    def __init__(self) -> None:
        super().__init__()
        self.discriminator = Conditional()

    def training_step(self, batch, batch_idx):
        optimizer_d = self.optimizers()[1]
        x, right = batch
        fake = self.generator(torch.randn(len(x), 4).to(x)).detach()
        on_right, on_wrong = self.discriminator(x, right), self.discriminator(x, right.roll(1, 0))
        loss = (on_wrong + self.discriminator(fake, right)).mean() - on_right.mean()
        self.manual_backward(loss + self.penalty(lambda y: self.discriminator(y, right), x))
        optimizer_d.step()
        optimizer_d.zero_grad()


class ConditionFirstJointly(Matching):
    """The condition before the samples, and real and generated ones in one call."""

    def training_step(self, batch, batch_idx):
        x, condition = batch
        fake = self.generator(torch.randn(len(x), 4).to(x)).detach()
        on_real, on_fake = self.discriminator(torch.cat([condition, condition]), torch.cat([x, fake])).chunk(2)
        self.manual_backward(on_fake.mean() - on_real.mean())
        self.optimizers()[1].step()


PAIRS = [list(pair) for pair in torch.randn(6, 2, 8, 2, generator=torch.Generator().manual_seed(0))]


def test_samples_under_several_conditions_are_judged_under_the_first() -> None:
    expected = trained(with_r1(Matching), data=PAIRS)
    torch.testing.assert_close(trained(Matching, AddR1(gamma=2.0), data=PAIRS), expected, rtol=0, atol=1e-10)


def test_a_condition_in_both_halves_of_a_joint_call_is_told_from_samples() -> None:
    with pytest.raises(RuntimeError, match="looks like a condition; let samples be the first argument"):
        trained(ConditionFirstJointly, AddR1(), data=PAIRS)


class MicroBatches(Official):
    """Real and generated samples in one call, for each half of the batch."""

    def training_step(self, batch, batch_idx):
        optimizer_d = self.optimizers()[1]
        fakes = self.generator(torch.randn(len(batch), 4).to(batch)).detach()
        for real, fake in zip(batch.chunk(2), fakes.chunk(2), strict=True):
            on_real, on_fake = self.discriminator(torch.cat([real, fake])).chunk(2)
            self.manual_backward((on_fake.mean() - on_real.mean() + self.penalty(self.discriminator, real)) / 2)
        optimizer_d.step()
        optimizer_d.zero_grad()


class Late(Official):
    """Steps the discriminator's optimizer from the start, and calls it from the fourth batch on."""

    def training_step(self, batch, batch_idx):
        optimizer_d = self.optimizers()[1]
        optimizer_d.zero_grad()
        if batch_idx >= 3:
            self.manual_backward(self.discriminator(batch).mean() + self.penalty(self.discriminator, batch))
        optimizer_d.step()


class Apart(Official):
    """An update on the real samples, in parts, and one on generated ones."""

    def training_step(self, batch, batch_idx):
        optimizer_d = self.optimizers()[1]
        for part in batch.chunk(2):
            loss = self.penalty(self.discriminator, part) - self.discriminator(part).mean()
            self.manual_backward(loss / 2)
        optimizer_d.step()
        optimizer_d.zero_grad()
        self.manual_backward(self.discriminator(self.generator(torch.randn(8, 4).to(batch)).detach()).mean())
        optimizer_d.step()
        optimizer_d.zero_grad()


@pytest.mark.parametrize("cls", [MicroBatches, Late, Apart])
def test_updates_in_parts_late_and_apart(cls: type) -> None:
    torch.testing.assert_close(trained(cls, AddR1(gamma=2.0)), trained(with_r1(cls)), rtol=0, atol=1e-10)


def test_a_gan_of_this_package_in_micro_batches_equals_the_mixin() -> None:
    from helpers import make, points

    callback, mixin = make(micro_batches_d=2), make(R1, r1_gamma=2.0, micro_batches_d=2)
    fit(callback, points(), callbacks=[AddR1(gamma=2.0)])
    fit(mixin, points())
    torch.testing.assert_close(weights(callback), weights(mixin), rtol=0, atol=1e-5)


def test_samples_among_channels_are_named_in_the_message() -> None:
    class Channels(Matching):
        def __init__(self) -> None:
            super().__init__()
            self.discriminator = layers(4, 1)

        def training_step(self, batch, batch_idx):
            self.manual_backward(self.discriminator(torch.cat(batch, 1)).mean())
            self.optimizers()[1].step()

    with pytest.raises(RuntimeError, match="with a condition they cannot be told apart: let it take two arguments"):
        trained(Channels, AddR1(), data=PAIRS)
