"""More modules of strangers for images and sound."""

import torch
import torch.nn.functional as F
from foreign.stranger import LATENT, Painter, Patches, Stranger, bce, hinge, latents, layers
from torch import nn


class SuperResolution(Stranger):
    """A generator of details that are added to the enlarged image; several scales in a list; logged losses."""

    sees_images = True

    def __init__(self, **rates: float) -> None:
        super().__init__(**rates)
        self.generator = nn.Sequential(nn.Flatten(), layers(16, 64), nn.Unflatten(1, (1, 8, 8)))
        self.discriminator = Scales()

    @staticmethod
    def batch(x, label):
        return {"lr": F.avg_pool2d(x, 2), "hr": x}

    def training_step(self, batch, batch_idx):
        lr, hr = batch["lr"], batch["hr"]
        opt_g, opt_d = self.optimizers()
        sr = self.generator(lr) + F.interpolate(lr, scale_factor=2)
        self.note("fake", "real", "fake")
        self.toggle_optimizer(opt_g)
        adversarial = sum(bce(logits, 1.0) for logits in self.discriminator(sr))
        opt_g.zero_grad()
        self.manual_backward((sr - hr).abs().mean() + 0.01 * adversarial)
        opt_g.step()
        self.untoggle_optimizer(opt_g)
        self.toggle_optimizer(opt_d)
        pairs = zip(self.discriminator(hr), self.discriminator(sr.detach()), strict=True)
        d_loss = sum(bce(on_real, 1.0) + bce(on_fake, 0.0) for on_real, on_fake in pairs)
        opt_d.zero_grad()
        self.manual_backward(d_loss)
        opt_d.step()
        self.untoggle_optimizer(opt_d)
        self.log("train/disc_loss", d_loss)

    def configure_optimizers(self):
        return self.adam(self.lr_g, self.generator), self.adam(self.lr_d, self.discriminator)


class Scales(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fine, self.coarse = Patches(), Patches()

    def forward(self, x):
        return [self.fine(x), self.coarse(F.avg_pool2d(x, 2))]


class Rescaled(Stranger):
    """Networks made in ``configure_model``, and [0, 1] to [-1, 1] in the training step."""

    sees_images = True

    def configure_model(self) -> None:
        if not hasattr(self, "gen"):
            self.gen, self.disc = Painter(), Patches()

    def training_step(self, batch, batch_idx):
        opt_g, opt_d = self.optimizers()
        real = batch * 2.0 - 1.0
        fake = self.gen(latents(real))
        self.note("real", "fake")
        opt_d.zero_grad()
        self.manual_backward(hinge(self.disc(real), self.disc(fake.detach())))
        opt_d.step()
        self.note("fake")
        opt_g.zero_grad()
        self.manual_backward(-self.disc(fake).mean())
        opt_g.step()

    def configure_optimizers(self):
        return self.adam(self.lr_g, self.gen), self.adam(self.lr_d, self.disc)


class PeriodJudge(nn.Module):
    def __init__(self, period: int) -> None:
        super().__init__()
        self.period, self.first, self.last = period, nn.Conv2d(1, 4, (3, 1), padding=(1, 0)), nn.Conv2d(4, 1, 1)

    def forward(self, x):
        features = F.leaky_relu(self.first(x.view(x.size(0), 1, -1, self.period)), 0.1)
        return torch.flatten(self.last(features), 1, -1), [features]


class PeriodJudges(nn.Module):
    """Judges real and generated sound in one call, and answers in lists, as in HiFi-GAN."""

    def __init__(self, *periods: int) -> None:
        super().__init__()
        self.discriminators = nn.ModuleList(PeriodJudge(period) for period in periods)

    def forward(self, y, y_hat):
        real, fake = [d(y) for d in self.discriminators], [d(y_hat) for d in self.discriminators]
        return [a for a, _ in real], [a for a, _ in fake], [f for _, f in real], [f for _, f in fake]


class Vocoder(Stranger):
    """Several discriminators with one optimizer, each called with (real, fake)."""

    def __init__(self, **rates: float) -> None:
        super().__init__(**rates)
        self.backbone, self.head = layers(4, 8), nn.Linear(8, 16)
        self.generator = nn.Sequential(self.backbone, self.head)
        self.multiperioddisc, self.multiresddisc = PeriodJudges(2, 4), PeriodJudges(8)

    @staticmethod
    def batch(x, label):
        return torch.cat([x] * 8, 1).unsqueeze(1)

    def training_step(self, batch, batch_idx):
        opt_disc, opt_gen = self.optimizers()
        audio_hat = self.generator(F.avg_pool1d(batch, 4)[:, 0]).unsqueeze(1)
        judges = (self.multiperioddisc, self.multiresddisc)
        self.note("real", "fake")
        loss = torch.zeros(())
        for judge in judges:
            on_real, on_fake, _, _ = judge(y=batch, y_hat=audio_hat.detach())
            loss = loss + sum(hinge(r, f) for r, f in zip(on_real, on_fake, strict=True))
        opt_disc.zero_grad()
        self.manual_backward(loss)
        opt_disc.step()
        self.note("real", "fake")
        loss = (batch - audio_hat).abs().mean()
        for judge in judges:
            _, on_fake, fmap_r, fmap_g = judge(y=batch, y_hat=audio_hat)
            loss = loss - sum(f.mean() for f in on_fake)
            loss = loss + sum((a[0] - b[0]).abs().mean() for a, b in zip(fmap_r, fmap_g, strict=True))
        opt_gen.zero_grad()
        self.manual_backward(loss)
        opt_gen.step()

    def configure_optimizers(self):
        return self.adam(self.lr_d, self.multiperioddisc, self.multiresddisc), self.adam(self.lr_g, self.generator)


class Compiled(Stranger):
    """Networks that are compiled: one in place, one wrapped."""

    def __init__(self, **rates: float) -> None:
        super().__init__(**rates)
        self.generator, self.discriminator = Wrapped(layers(LATENT, 2)), Wrapped(layers(2, 1))
        self.discriminator.compile(backend="eager")
        self.generator = torch.compile(self.generator, backend="eager")

    def training_step(self, batch, batch_idx):
        opt_g, opt_d = self.optimizers()
        fake = self.generator(latents(batch))
        self.note("real", "fake")
        opt_d.zero_grad()
        self.manual_backward(hinge(self.discriminator(batch), self.discriminator(fake.detach())))
        opt_d.step()
        self.note("fake")
        opt_g.zero_grad()
        self.manual_backward(-self.discriminator(fake).mean())
        opt_g.step()

    def configure_optimizers(self):
        return self.adam(self.lr_g, self.generator), self.adam(self.lr_d, self.discriminator)


class Wrapped(nn.Module):
    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, x):
        return self.body(x)
