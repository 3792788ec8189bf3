"""One door to whatever logger there is."""

from gan_lightning.logging.alert import alert
from gan_lightning.logging.announce import announce
from gan_lightning.logging.image import log_image
from gan_lightning.logging.run_folder import run_folder
from gan_lightning.logging.scalars import log_scalars

__all__ = ["alert", "announce", "log_image", "log_scalars", "run_folder"]
