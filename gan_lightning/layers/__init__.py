"""What goes inside a network: ``nn.Module`` layers. A GAN technique that changes an architecture lives here."""

__all__: list[str] = []
