"""R1 + R2 from outside equal the same terms in the loss."""

from typing import Any

import pytest
import torch
from foreign_modules import LATENT, HiddenJudge, Official, RawBackward, batches_for, bce
from helpers import Batches, InterruptError, StopAfter, fit, make, points, weights
from penalty_cases import slope, train_by_hand
from treatment import Treatment

from gan_lightning import GAN, R1, R2
from gan_lightning.health.remedies import ZeroCenteredPenalties
from gan_lightning.health.remedies.zero_centered_penalties import gamma_for

DOUBLE = points(dtype=torch.float64)


class Both(R1, R2):
    pass


def treated(treatment: Treatment | None, cls: type[GAN] = GAN, data: Any = DOUBLE, **arguments: Any) -> torch.Tensor:
    gan = make(cls, **arguments).double()
    fit(gan, data, callbacks=[treatment] if treatment else [], precision="64-true", max_epochs=2)
    return weights(gan)


def close(one: torch.Tensor, other: torch.Tensor) -> None:
    torch.testing.assert_close(one, other, rtol=0, atol=1e-10)


def test_it_is_both_mixins_at_the_same_gamma() -> None:
    expected = treated(None, Both, r1_gamma=2.0, r2_gamma=2.0)
    close(treated(Treatment(ZeroCenteredPenalties(gamma=2.0))), expected)
    assert not torch.allclose(expected, treated(None), atol=1e-4)


def test_it_is_the_equations_written_by_hand() -> None:
    def penalty(discriminator, real, fake):
        return 3.0 / 2 * sum(slope(discriminator, x).square().sum(1).mean() for x in (real, fake))

    by_hand, gan = make(), make()
    train_by_hand(by_hand, points(), penalty)
    fit(gan, points(), callbacks=[Treatment(ZeroCenteredPenalties(gamma=3.0))])
    torch.testing.assert_close(weights(gan), weights(by_hand), rtol=0, atol=1e-5)


def test_it_tops_up_what_the_module_has_and_doubles_what_is_enough() -> None:
    low = treated(Treatment(ZeroCenteredPenalties(gamma=3.0)), Both, r1_gamma=1.0, r2_gamma=0.5)
    close(low, treated(None, Both, r1_gamma=3.0, r2_gamma=3.0))
    enough = Treatment(ZeroCenteredPenalties(gamma=0.1))
    close(
        treated(enough, Both, r1_gamma=1.0, r2_gamma=2.0),
        treated(None, Both, r1_gamma=2.0, r2_gamma=4.0),
    )
    assert (enough.changes[0].before, enough.changes[0].after) == ("1 and 2", "2 and 4")


@pytest.mark.parametrize("other", [None, "a word", lambda: 1.0])
def test_a_strangers_setting_of_the_same_name_is_not_taken_for_ours(other: Any) -> None:
    def trained(**attributes: Any) -> torch.Tensor:
        torch.manual_seed(1)
        module = Official()
        for name, value in attributes.items():
            setattr(module, name, value)
        treatment = Treatment(ZeroCenteredPenalties(gamma=2.0), end=3)
        fit(module, Batches(*batches_for(Official)), callbacks=[treatment], precision="64-true")
        return weights(module)

    assert torch.equal(trained(r1_gamma=other), trained())


def test_lazily_it_comes_each_kth_update_and_k_times_as_strong() -> None:
    expected = treated(None, Both, r1_gamma=2.0, r2_gamma=2.0, r1_every=3, r2_every=3)
    close(treated(Treatment(ZeroCenteredPenalties(gamma=2.0, every=3))), expected)


def test_micro_batches_and_labels_and_clipping_see_it_as_if_it_were_in_the_loss() -> None:
    settings = {"micro_batches_d": 2, "clip_d": 0.3}
    expected = treated(None, Both, r1_gamma=2.0, r2_gamma=2.0, **settings)
    close(treated(Treatment(ZeroCenteredPenalties(gamma=2.0)), **settings), expected)


def test_it_comes_and_goes() -> None:
    class Between(Both):
        def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
            self.r1_gamma = self.r2_gamma = 2.0 if 2 <= self.iteration < 5 else 0.0

    treatment = Treatment(ZeroCenteredPenalties(gamma=2.0), first=2, end=5)
    close(treated(treatment), treated(None, Between, r1_gamma=0.0, r2_gamma=0.0))
    assert [(change.before, change.after) for change in treatment.changes] == [("0", "2"), ("2", "0")]


def test_gamma_goes_with_the_square_of_the_scale() -> None:
    treatment = Treatment(ZeroCenteredPenalties(), spread=9.0)
    close(treated(treatment), treated(Treatment(ZeroCenteredPenalties(gamma=gamma_for(9.0, 2)))))
    assert treatment.changes[0].after == "0.2"
    assert 0.3 < gamma_for(3 * 32 * 32 * 0.25, 3 * 32 * 32) < 0.5


def test_data_of_unknown_spread_are_an_error() -> None:
    with pytest.raises(ValueError, match="is not known: pass gamma"):
        treated(Treatment(ZeroCenteredPenalties(), spread=float("nan")))


@pytest.mark.parametrize("arguments", [{"gamma": 0.0}, {"gamma": float("nan")}, {"every": 0}, {"every": 1.5}])
def test_senseless_numbers_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected gamma > 0"):
        ZeroCenteredPenalties(**arguments)


def test_a_run_resumed_in_the_middle_is_the_same(tmp_path: Any) -> None:
    def run(*callbacks: Any, **arguments: Any) -> torch.Tensor:
        gan = make()
        treatment = Treatment(ZeroCenteredPenalties(gamma=2.0, every=2), first=1, end=6)
        fit(gan, points(), callbacks=[treatment, *callbacks], max_epochs=2, **arguments)
        return weights(gan)

    straight, file = run(), tmp_path / "middle.ckpt"
    with pytest.raises(InterruptError):
        run(StopAfter(4, file))
    assert torch.equal(run(ckpt_path=file, seed=99), straight)


def slope_penalty(judge: Any, x: torch.Tensor, gamma: float) -> torch.Tensor:
    """A penalty as it would be written into a module's own loss."""
    x = x.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(judge(x).sum(), x, create_graph=True)
    return gamma / 2 * gradient.square().sum(1).mean()


class ByHand(Official):
    """Official, with both penalties in its loss."""

    def training_step(self, batch, batch_idx):
        optimizer_g, optimizer_d = self.optimizers()
        z = self.latents(batch)
        self.toggle_optimizer(optimizer_g)
        self.manual_backward(bce(self.discriminator(self(z)), 1.0))
        optimizer_g.step()
        optimizer_g.zero_grad()
        self.untoggle_optimizer(optimizer_g)
        self.toggle_optimizer(optimizer_d)
        fake = self(z).detach()
        loss = (bce(self.discriminator(batch), 1.0) + bce(self.discriminator(fake), 0.0)) / 2
        penalties = sum(slope_penalty(self.discriminator, x, 2.0) for x in (batch, fake))
        self.manual_backward(loss + penalties)
        optimizer_d.step()
        optimizer_d.zero_grad()
        self.untoggle_optimizer(optimizer_d)


class DictByHand(HiddenJudge):
    """HiddenJudge, with both penalties in its loss."""

    def training_step(self, batch, batch_idx):
        images, labels = batch["image"], batch["label"]
        z = torch.randn(len(images), LATENT).to(images)
        fake = self.decoder(z).detach()

        def judge(x):
            return self.loss.discriminator(x, labels)["logits"]

        opt_g, opt_d = self.optimizers()

        def closure_d():
            opt_d.zero_grad()
            loss = self.loss(images, self.decoder(z), labels, for_generator=False)
            self.manual_backward(loss + sum(slope_penalty(judge, x, 2.0) for x in (images, fake)))

        def closure_g():
            opt_g.zero_grad()
            self.manual_backward(self.loss(images, self.decoder(z), labels, for_generator=True))

        opt_d.step(closure=closure_d)
        opt_g.step(closure=closure_g)


class JointByHand(RawBackward):
    """RawBackward, with both penalties in its loss."""

    def training_step(self, batch, batch_idx):
        real, _ = batch
        opt_d, opt_g = self.optimizers()
        n = len(real)
        fake = self.netG(torch.randn(n, LATENT).to(real))
        self.netD.zero_grad()
        output = self.netD(torch.cat([real, fake.detach()]))
        target = torch.cat([torch.ones(n, 1), torch.zeros(n, 1)]).to(real)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(output, target)
        (loss + sum(slope_penalty(self.netD, x, 2.0) for x in (real, fake))).backward()
        opt_d.step()
        self.netG.zero_grad()
        bce(self.netD(fake), 1.0).backward()
        opt_g.step()


@pytest.mark.parametrize(
    ("cls", "by_hand"), [(Official, ByHand), (HiddenJudge, DictByHand), (RawBackward, JointByHand)]
)
def test_on_foreign_modules_it_is_the_terms_written_by_hand(cls: type, by_hand: type) -> None:
    def trained(kind: type, *callbacks: Any) -> torch.Tensor:
        torch.manual_seed(1)
        module = kind()
        fit(module, Batches(*batches_for(cls)), callbacks=list(callbacks), precision="64-true")
        return weights(module)

    expected = trained(by_hand)
    close(trained(cls, Treatment(ZeroCenteredPenalties(gamma=2.0))), expected)
    assert not torch.allclose(expected, trained(cls), atol=1e-4)


class Hides(Official):
    """Shows the discriminator what nobody has seen before."""

    def training_step(self, batch, batch_idx):
        optimizer_d = self.optimizers()[1]
        self.manual_backward(self.discriminator(torch.randn(8, 2)).mean())
        optimizer_d.step()
        optimizer_d.zero_grad()


def test_samples_that_are_not_recognised_are_a_warning_and_change_nothing() -> None:
    with pytest.warns(UserWarning, match="added nothing to an update of the discriminator"):
        fit(Hides(), Batches(*batches_for(Official)), callbacks=[Treatment(ZeroCenteredPenalties(gamma=2.0))])


@pytest.mark.parametrize("build", [make, Official])
def test_the_penalty_is_exact_within_mixed_precision(build: Any) -> None:
    seen = []

    class Spy(ZeroCenteredPenalties):
        def _add_gradients(self, params: Any, judgements: Any, ranks: int) -> None:
            before = [p.grad.clone() for p in params]
            super()._add_gradients(params, judgements, ranks)
            seen.append([p.grad - old for p, old in zip(params, before, strict=True)])
            by_kind = {judgement.kind: judgement.samples.float() for judgement in judgements}
            network = module.discriminator
            with torch.autocast("cpu", enabled=False):
                loss = sum(
                    slope_penalty(lambda x: network(x).flatten(), by_kind[kind], 50.0) for kind in ("real", "fake")
                )
                expected = torch.autograd.grad(loss, params, allow_unused=True, materialize_grads=True)
            for got, wanted in zip(seen[-1], expected, strict=True):
                torch.testing.assert_close(got, wanted, rtol=1e-3, atol=1e-5)

    torch.manual_seed(1)
    module = build()
    fit(module, points(), callbacks=[Treatment(Spy(gamma=50.0))], precision="bf16-mixed")
    assert len(seen) == 4


def test_parameters_in_several_pieces_are_refused() -> None:
    patient: Any = type("Patient", (), {"trainer": type("Trainer", (), {"strategy": object()})})
    with pytest.raises(ValueError, match="one device or with DDP, not with object"):
        ZeroCenteredPenalties().prepare(patient)
