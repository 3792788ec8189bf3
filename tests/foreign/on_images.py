"""Modules of strangers for images."""

import torch
import torch.nn.functional as F
from foreign.stranger import LATENT, ImageBatch, Painter, Patches, Stranger, bce, hinge, latents, layers, slopes
from torch import nn


class Parts(nn.Module):
    """After anomalib's Ganomaly: an encoder-decoder with two codes, and a discriminator that returns features too."""

    def __init__(self) -> None:
        super().__init__()
        self.generator, self.discriminator = Coder(), Featured()


class Coder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder1, self.decoder = nn.Sequential(nn.Flatten(), layers(64, LATENT)), Painter()
        self.encoder2 = nn.Sequential(nn.Flatten(), layers(64, LATENT))

    def forward(self, x):
        code = self.encoder1(x)
        image = self.decoder(code)
        return image, code, self.encoder2(image)


class Featured(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features, self.classifier = nn.Conv2d(1, 8, 4, 2, 1), nn.Conv2d(8, 1, 4)

    def forward(self, x):
        features = F.leaky_relu(self.features(x), 0.2)
        return self.classifier(features).view(-1), features


class Ganomaly(Stranger):
    """Pads its batch, a dataclass, before all else; the generator first, with ``retain_graph``; tuples everywhere."""

    sees_images = True

    def __init__(self, **rates: float) -> None:
        super().__init__(**rates)
        self.model = Parts()

    @staticmethod
    def batch(x, label):
        return ImageBatch(image=2 * x[:, :, :7, :7] - 1, gt_label=label, path=["x.png"] * len(x))

    def training_step(self, batch, batch_idx):
        d_opt, g_opt = self.optimizers()
        padded = F.pad(batch.image, (0, 1, 0, 1), value=-1.0)
        fake, code, code_of_fake = self.model.generator(padded)
        self.note("fake", "real", "fake")
        on_fake, features_of_fake = self.model.discriminator(fake)
        on_real, features = self.model.discriminator(padded)
        g_loss = (features_of_fake - features.detach()).square().mean() + (fake - padded).abs().mean()
        g_loss = g_loss + (code_of_fake - code).square().mean() + 0.1 * bce(on_fake, 1.0)
        g_opt.zero_grad()
        self.manual_backward(g_loss, retain_graph=True)
        g_opt.step()
        on_fake, _ = self.model.discriminator(fake.detach())
        d_opt.zero_grad()
        self.manual_backward((bce(on_real, 1.0) + bce(on_fake, 0.0)) / 2)
        d_opt.step()
        return {"loss": g_loss.detach()}

    def configure_optimizers(self):
        return self.adam(self.lr_d, self.model.discriminator), self.adam(self.lr_g, self.model.generator)


class PerceptualLoss(nn.Module):
    """A discriminator among the terms of a loss, as in taming-transformers."""

    def __init__(self) -> None:
        super().__init__()
        self.discriminator = Patches()

    def forward(self, module, inputs, reconstructions, optimizer_idx):
        if optimizer_idx == 0:
            module.note("fake")
            return (inputs - reconstructions).abs().mean() - 0.1 * self.discriminator(reconstructions).mean()
        module.note("real", "fake")
        on_real = self.discriminator(inputs.contiguous().detach())
        return hinge(on_real, self.discriminator(reconstructions.contiguous().detach()))


class Autoencoder(Stranger):
    """The generator in even batches, the discriminator in odd ones; the generator is an encoder and a decoder."""

    sees_images = True

    def __init__(self, **rates: float) -> None:
        super().__init__(**rates)
        self.encoder, self.decoder = nn.Sequential(nn.Flatten(), layers(64, LATENT)), Painter()
        self.quant_conv = nn.Linear(LATENT, LATENT)
        self.loss = PerceptualLoss()

    def training_step(self, batch, batch_idx):
        optimizer_idx = batch_idx % 2
        optimizer = self.optimizers()[optimizer_idx]
        self.toggle_optimizer(optimizer)
        reconstructions = self.decoder(self.quant_conv(self.encoder(batch)))
        loss = self.loss(self, batch, reconstructions, optimizer_idx)
        optimizer.zero_grad()
        self.manual_backward(loss)
        optimizer.step()
        self.untoggle_optimizer(optimizer)

    def configure_optimizers(self):
        own = self.adam(self.lr_g, self.encoder, self.decoder, self.quant_conv)
        return [own, self.adam(self.lr_d, self.loss.discriminator)]


def augmented(x):
    """Brightness and a shift, differentiable and random."""
    x = x + 0.2 * (torch.rand(x.size(0), 1, 1, 1, device=x.device) - 0.5)
    x = F.pad(x, [1, 1, 1, 1])
    i, j = int(torch.randint(3, ())), int(torch.randint(3, ()))
    return x[:, :, i : i + 8, j : j + 8].contiguous()


class Augmented(Stranger):
    """DiffAugment, both kinds in one call, a condition as channel, and R1 at the augmented samples."""

    sees_images = True

    def __init__(self, **rates: float) -> None:
        super().__init__(**rates)
        self.net_g, self.net_d = Painter(LATENT + 1), Patches(channels=2)

    @staticmethod
    def batch(x, label):
        return (2 * x - 1, label)

    def training_step(self, batch, batch_idx):
        imgs, label = batch
        opt_d, opt_g = self.optimizers()
        plane = label.float().view(-1, 1, 1, 1).expand(-1, 1, 8, 8) / 4
        fake = self.net_g(torch.cat([latents(imgs), label[:, None].float()], 1))
        x = torch.cat([augmented(torch.cat([imgs, fake.detach()])), torch.cat([plane, plane])], dim=1)
        x.requires_grad_(True)
        self.note("real", "fake")
        on_real, on_fake = (on_both := self.net_d(x)).chunk(2)
        opt_d.zero_grad()
        self.manual_backward(hinge(on_real, on_fake) + 0.1 * slopes(on_both, x)[: len(imgs)].square().mean())
        opt_d.step()
        self.note("fake")
        opt_g.zero_grad()
        self.manual_backward(-self.net_d(torch.cat([augmented(fake), plane], dim=1)).mean())
        opt_g.step()

    def configure_optimizers(self):
        return self.adam(self.lr_d, self.net_d), self.adam(self.lr_g, self.net_g)
