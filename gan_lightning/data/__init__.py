"""Data modules for GAN training: samples in [-1, 1] or in the plane, exact on resume and over many devices."""

from gan_lightning.data.digits import Digits
from gan_lightning.data.epoch_loader import EpochLoader
from gan_lightning.data.gaussian_mixture import GaussianMixture
from gan_lightning.data.image_folder import ImageFolder
from gan_lightning.data.image_loader import ImageLoader
from gan_lightning.data.in_memory import InMemory
from gan_lightning.data.mnist import MNIST
from gan_lightning.data.order import EpochOrder
from gan_lightning.data.tensor_data import TensorData
from gan_lightning.data.tensor_loader import TensorLoader, to_unit_range

__all__ = [
    "MNIST",
    "Digits",
    "EpochLoader",
    "EpochOrder",
    "GaussianMixture",
    "ImageFolder",
    "ImageLoader",
    "InMemory",
    "TensorData",
    "TensorLoader",
    "to_unit_range",
]
