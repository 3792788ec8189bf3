"""One door to whatever logger there is."""

from gan_lightning.logging.image import log_image
from gan_lightning.logging.run_folder import run_folder

__all__ = ["log_image", "run_folder"]
