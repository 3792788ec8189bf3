"""Modules of strangers for points."""

import copy

import torch
from foreign.stranger import LATENT, Stranger, bce, hinge, latents, layers, slopes
from torch import nn


class WassersteinPenalty(Stranger):
    """A critic, updated in each batch, the generator in every second; interpolates that are not detached."""

    def __init__(self, **rates: float) -> None:
        super().__init__(**rates)
        self.generator, self.critic = layers(LATENT, 2), layers(2, 1)
        self.n_critic = 2

    def gradient_penalty(self, real, fake):
        alpha = torch.rand(real.size(0), 1).type_as(real)
        interpolates = (alpha * real + (1 - alpha) * fake).requires_grad_(True)
        self.note("between")
        return ((slopes(self.critic(interpolates), interpolates) - 1) ** 2).mean()

    def training_step(self, batch, batch_idx):
        opt_c, opt_g = self.optimizers()
        fake = self.generator(latents(batch))
        self.note("real", "fake")
        c_loss = self.critic(fake).mean() - self.critic(batch).mean()
        self.truth[-1][-2:] = ["fake", "real"]
        c_loss = c_loss + 10.0 * self.gradient_penalty(batch, fake)
        opt_c.zero_grad()
        self.manual_backward(c_loss)
        opt_c.step()
        if (batch_idx + 1) % self.n_critic == 0:
            self.note("fake")
            g_loss = -self.critic(self.generator(latents(batch))).mean()
            opt_g.zero_grad()
            self.manual_backward(g_loss)
            opt_g.step()

    def configure_optimizers(self):
        return self.adam(self.lr_d, self.critic), self.adam(self.lr_g, self.generator)


class RawLoop(Stranger):
    """Plain ``backward(retain_graph=True)``, torch's own optimizers, a loop of critic updates within a batch."""

    def __init__(self, **rates: float) -> None:
        super().__init__(**rates)
        self.G, self.D = layers(LATENT, 2), layers(2, 1)

    @staticmethod
    def batch(x, label):
        return [x, label]

    def training_step(self, batch, batch_idx):
        imgs, _ = batch
        g_opt, d_opt = self.optimizers(use_pl_optimizer=False)
        for _ in range(2):
            fake = self.G(latents(imgs))
            d_opt.zero_grad()
            self.note("real", "fake")
            loss_D = (bce(self.D(imgs).view(-1), 1.0) + bce(self.D(fake.detach()).view(-1), 0.0)) / 2  # noqa: N806
            loss_D.backward(retain_graph=True)
            d_opt.step()
        g_opt.zero_grad()
        self.note("fake")
        loss_G = bce(self.D(fake).view(-1), 1.0)  # noqa: N806
        loss_G.backward()
        g_opt.step()
        self.log_dict({"loss_D": loss_D, "loss_G": loss_G, "loss_D_real": 0.0}, prog_bar=True)

    def configure_optimizers(self):
        return [self.adam(self.lr_g, self.G), self.adam(self.lr_d, self.D)], []


class StyleLike(Stranger):
    """A generator in two parts, an average of it, and a critic whose ``forward`` is called by its name."""

    def __init__(self, **rates: float) -> None:
        super().__init__(**rates)
        self.mapping_net, self.synthesis_net = layers(LATENT, LATENT), layers(LATENT, 2)
        self.critic_net = layers(2, 1)
        self.synthesis_net_ema = copy.deepcopy(self.synthesis_net).requires_grad_(False)

    def generate(self, like):
        return self.synthesis_net(self.mapping_net(latents(like)))

    def training_step(self, batch, batch_idx):
        opt_g, opt_d = self.optimizers()
        real = batch.clone().requires_grad_(True)
        with torch.no_grad():
            fake = self.generate(batch)
        self.note("real", "fake")
        on_real, on_fake = self.critic_net.forward(real), self.critic_net.forward(fake)
        d_loss = bce(on_real, 1.0) + bce(on_fake, 0.0) + 0.1 * slopes(on_real, real).square().mean()
        opt_d.zero_grad()
        self.manual_backward(d_loss)
        opt_d.step()
        self.note("fake")
        g_loss = bce(self.critic_net.forward(self.generate(batch)), 1.0)
        opt_g.zero_grad()
        self.manual_backward(g_loss)
        opt_g.step()
        for average, p in zip(self.synthesis_net_ema.parameters(), self.synthesis_net.parameters(), strict=True):
            average.data.lerp_(p.data, 0.1)

    def configure_optimizers(self):
        return self.adam(self.lr_g, self.mapping_net, self.synthesis_net), self.adam(self.lr_d, self.critic_net)


class Told(nn.Module):
    """A network that is told classes, by name."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.embed, self.body = nn.Embedding(8, 8), layers(inputs + 8, outputs)

    def forward(self, x, *, labels):
        return self.body(torch.cat([x, self.embed(labels)], 1))


class Conditional(Stranger):
    """Classes by keyword, random ones for the generator, both backward passes before both steps."""

    def __init__(self, **rates: float) -> None:
        super().__init__(**rates)
        self.gen, self.disc = Told(LATENT, 2), Told(2, 1)

    @staticmethod
    def batch(x, label):
        return {"x": x, "label": label}

    def training_step(self, batch, batch_idx):
        opt_g, opt_d = self.optimizers()
        real, labels = batch["x"], batch["label"]
        asked = torch.randint(8, labels.shape, device=labels.device)
        fake = self.gen(latents(real), labels=asked)
        self.note("real", "fake", "fake")
        d_loss = hinge(self.disc(x=real, labels=labels), self.disc(x=fake.detach(), labels=asked))
        g_loss = -self.disc(x=fake, labels=asked).mean()
        opt_d.zero_grad()
        self.manual_backward(d_loss)
        opt_g.zero_grad()
        self.toggle_optimizer(opt_g)
        self.manual_backward(g_loss)
        self.untoggle_optimizer(opt_g)
        opt_d.step()
        opt_g.step()
        self.asked = asked

    def configure_optimizers(self):
        return self.adam(self.lr_g, self.gen), self.adam(self.lr_d, self.disc)


class LazyPenalty(Stranger):
    """After ddgan: ``netG`` and ``netD`` with time steps and a pair of arguments, a lazy penalty, clipping."""

    def __init__(self, **rates: float) -> None:
        super().__init__(**rates)
        self.netG, self.netD = layers(LATENT + 2, 2), layers(4, 1)

    def judge(self, x, x_next, t):
        return self.netD(torch.cat([x, x_next + 0.1 * t[:, None]], 1))

    def training_step(self, batch, batch_idx):
        opt_d, opt_g = self.optimizers()
        t = torch.randint(1, 4, (len(batch),))
        x_next = batch + 0.3 * t[:, None] * torch.randn_like(batch)
        real = batch.detach().clone().requires_grad_(batch_idx % 2 == 0)
        on_real = self.judge(real, x_next, t)
        fake = self.netG(torch.cat([latents(batch), x_next], 1))
        d_loss = (
            nn.functional.softplus(-on_real).mean()
            + nn.functional.softplus(self.judge(fake.detach(), x_next, t)).mean()
        )
        self.note("real", "fake", "fake")
        if batch_idx % 2 == 0:
            d_loss = d_loss + 0.05 * slopes(on_real, real).square().mean()
        for optimizer, network, loss in ((opt_d, self.netD, d_loss), (opt_g, self.netG, None)):
            optimizer.zero_grad()
            loss = nn.functional.softplus(-self.judge(fake, x_next, t)).mean() if loss is None else loss
            self.manual_backward(loss)
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()

    def configure_optimizers(self):
        return self.adam(self.lr_d, self.netD), self.adam(self.lr_g, self.netG)
