"""One door to whatever logger there is."""

from gan_lightning.logging.alert import alert, limit_alerts
from gan_lightning.logging.announce import announce
from gan_lightning.logging.artifact import log_artifact
from gan_lightning.logging.image import log_image
from gan_lightning.logging.layout import Shown, define_quantities, log_layout
from gan_lightning.logging.run_folder import run_folder
from gan_lightning.logging.scalars import log_scalars
from gan_lightning.logging.table import log_table

__all__ = [
    "Shown",
    "alert",
    "announce",
    "define_quantities",
    "limit_alerts",
    "log_artifact",
    "log_image",
    "log_layout",
    "log_scalars",
    "log_table",
    "run_folder",
]
