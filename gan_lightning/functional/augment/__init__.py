"""Random changes of samples that the discriminator is shown; the random numbers are arguments."""

from gan_lightning.functional.augment.adaptive import CATEGORIES, augment_images, augment_vectors
from gan_lightning.functional.augment.affine import blit_map, geometry_map
from gan_lightning.functional.augment.color import change_color
from gan_lightning.functional.augment.corruption import add_noise, cut_square, filter_bands
from gan_lightning.functional.augment.differentiable import cut_half, jitter_color, translate
from gan_lightning.functional.augment.flip_and_shift import flip_and_shift
from gan_lightning.functional.augment.policy import change_by_policy, check_policy
from gan_lightning.functional.augment.vectors import rotate_in_plane
from gan_lightning.functional.augment.warp import copy_pixels, warp_smoothly

__all__ = [
    "CATEGORIES",
    "add_noise",
    "augment_images",
    "augment_vectors",
    "blit_map",
    "change_by_policy",
    "change_color",
    "check_policy",
    "copy_pixels",
    "cut_half",
    "cut_square",
    "filter_bands",
    "flip_and_shift",
    "geometry_map",
    "jitter_color",
    "rotate_in_plane",
    "translate",
    "warp_smoothly",
]
