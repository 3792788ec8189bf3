"""All strangers: one for each trap that public GAN modules set for an observer."""

from foreign.on_images import Augmented, Autoencoder, Ganomaly
from foreign.on_images_too import Compiled, Rescaled, SuperResolution, Vocoder
from foreign.on_points import Conditional, LazyPenalty, RawLoop, StyleLike, WassersteinPenalty

ZOO = (
    Augmented,
    Autoencoder,
    Compiled,
    Conditional,
    Ganomaly,
    LazyPenalty,
    RawLoop,
    Rescaled,
    StyleLike,
    SuperResolution,
    Vocoder,
    WassersteinPenalty,
)

TRACED = (Augmented, Ganomaly, LazyPenalty, Rescaled, SuperResolution)
"""Those whose calls are only known from the second recorded batch on, when samples are traced."""
