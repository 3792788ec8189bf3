"""What happens between the steps: it watches, saves and shows, and never touches the gradient."""

from gan_lightning.callbacks.progress_bar import GANProgressBar
from gan_lightning.callbacks.sample_grid import SampleGrid

__all__ = ["GANProgressBar", "SampleGrid"]
