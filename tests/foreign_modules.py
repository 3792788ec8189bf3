"""GAN modules as strangers write them; nothing here knows of this package."""

import torch
import torch.nn.functional as F
from lightning.pytorch import LightningModule
from torch import Tensor, nn

LATENT = 4


def layers(inputs: int, outputs: int, width: int = 8) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, width), nn.LeakyReLU(0.2), nn.Linear(width, outputs))


def bce(logits: Tensor, target: float) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))


class Official(LightningModule):
    """In the style of Lightning's own GAN example: toggles, the generator first, the discriminator second."""

    def __init__(self) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.generator = layers(LATENT, 2)
        self.discriminator = layers(2, 1)

    def forward(self, z):
        return self.generator(z)

    def latents(self, imgs):
        return torch.randn(imgs.shape[0], LATENT).type_as(imgs)

    def penalty(self, judge, real):
        """What the tests write into the loss by hand."""
        return 0.0

    def g_penalty(self):
        return 0.0

    def training_step(self, batch, batch_idx):
        imgs = batch
        optimizer_g, optimizer_d = self.optimizers()
        z = self.latents(imgs)

        self.toggle_optimizer(optimizer_g)
        g_loss = bce(self.discriminator(self(z)), 1.0) + self.g_penalty()
        self.manual_backward(g_loss)
        optimizer_g.step()
        optimizer_g.zero_grad()
        self.untoggle_optimizer(optimizer_g)

        self.toggle_optimizer(optimizer_d)
        real_loss = bce(self.discriminator(imgs), 1.0)
        fake_loss = bce(self.discriminator(self(z).detach()), 0.0)
        d_loss = (real_loss + fake_loss) / 2 + self.penalty(self.discriminator, imgs)
        self.manual_backward(d_loss)
        optimizer_d.step()
        optimizer_d.zero_grad()
        self.untoggle_optimizer(optimizer_d)

    def validation_step(self, batch, batch_idx):
        self.log("val/fake", self(torch.ones(4, LATENT).type_as(batch)).sum())

    def predict_step(self, batch, batch_idx):
        return self(torch.ones(4, LATENT).type_as(batch))

    def configure_optimizers(self):
        opt_g = torch.optim.Adam(self.generator.parameters(), lr=1e-2, betas=(0.5, 0.999))
        opt_d = torch.optim.Adam(self.discriminator.parameters(), lr=1e-2, betas=(0.5, 0.999))
        return [opt_g, opt_d], []


class RawBackward(LightningModule):
    """After PyTorch's DCGAN tutorial: ``netD`` and ``netG``, one call of D on both, D first, no toggles."""

    def __init__(self) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.netG, self.netD = layers(LATENT, 2), layers(2, 1)

    def penalty(self, judge, real):
        return 0.0

    def g_penalty(self):
        return 0.0

    def training_step(self, batch, batch_idx):
        real, _ = batch
        opt_d, opt_g = self.optimizers()
        n = real.size(0)
        fake = self.netG(torch.randn(n, LATENT).to(real))

        self.netD.zero_grad()
        output = self.netD(torch.cat([real, fake.detach()]))
        target = torch.cat([torch.ones(n, 1), torch.zeros(n, 1)]).to(real)
        loss_d = F.binary_cross_entropy_with_logits(output, target) + self.penalty(self.netD, real)
        loss_d.backward()
        opt_d.step()

        self.netG.zero_grad()
        (bce(self.netD(fake), 1.0) + self.g_penalty()).backward()
        opt_g.step()

    def configure_optimizers(self):
        return (
            torch.optim.RMSprop(self.netD.parameters(), lr=1e-2),
            torch.optim.RMSprop(self.netG.parameters(), lr=1e-2),
        )


class LabelledJudge(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed, self.body = nn.Embedding(3, 4), layers(2 + 4, 1)

    def forward(self, x, labels):
        features = torch.cat([x, self.embed(labels)], 1)
        return {"logits": self.body(features).squeeze(1), "features": features}


class AdversarialLoss(nn.Module):
    """A discriminator hidden in a loss, as in taming-transformers."""

    def __init__(self) -> None:
        super().__init__()
        self.discriminator = LabelledJudge()

    def forward(self, images, fakes, labels, for_generator):
        if for_generator:
            return -self.discriminator(fakes, labels=labels)["logits"].mean()
        real = self.discriminator(images, labels=labels)["logits"]
        fake = self.discriminator(fakes.detach(), labels=labels)["logits"]
        return F.relu(1 - real).mean() + F.relu(1 + fake).mean()


class HiddenJudge(LightningModule):
    """A dict batch with labels, a decoder as generator, hinge loss, closures, D and G in turns within a batch."""

    def __init__(self) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.decoder = layers(LATENT, 2)
        self.loss = AdversarialLoss()

    def penalty(self, judge, real):
        return 0.0

    def g_penalty(self):
        return 0.0

    def training_step(self, batch, batch_idx):
        images, labels = batch["image"], batch["label"]
        opt_g, opt_d = self.optimizers()
        z = torch.randn(len(images), LATENT).to(images)

        def closure_d():
            opt_d.zero_grad()
            loss = self.loss(images, self.decoder(z), labels, for_generator=False)
            self.manual_backward(loss + self.penalty(lambda x: self.loss.discriminator(x, labels)["logits"], images))

        def closure_g():
            opt_g.zero_grad()
            self.manual_backward(self.loss(images, self.decoder(z), labels, for_generator=True) + self.g_penalty())

        opt_d.step(closure=closure_d)
        opt_g.step(closure=closure_g)

    def configure_optimizers(self):
        opt_g = torch.optim.SGD(self.decoder.parameters(), lr=0.1)
        opt_d = torch.optim.SGD(self.loss.discriminator.parameters(), lr=0.1, momentum=0.5)
        return [opt_g, opt_d]


FOREIGN = (Official, RawBackward, HiddenJudge)
PLAYERS = {
    Official: ("discriminator", "generator"),
    RawBackward: ("netD", "netG"),
    HiddenJudge: ("loss.discriminator", "decoder"),
}
"""Where the discriminator and the generator of each are."""


def batches_for(cls: type[LightningModule], n: int = 8, count: int = 6) -> list:
    """Batches in the form that a module wants."""
    generator = torch.Generator().manual_seed(0)
    samples = torch.randn(count, n, 2, generator=generator)
    labels = torch.randint(3, (count, n), generator=generator)
    if issubclass(cls, RawBackward):
        return [list(pair) for pair in zip(samples, labels, strict=True)]
    if issubclass(cls, HiddenJudge):
        return [{"image": x, "label": y} for x, y in zip(samples, labels, strict=True)]
    return list(samples)


def players(module: LightningModule) -> tuple[nn.Module, nn.Module]:
    """The discriminator and the generator."""
    cls = next(base for base in type(module).__mro__ if base in PLAYERS)
    discriminator, generator = (module.get_submodule(path) for path in PLAYERS[cls])
    return discriminator, generator
