"""The Inception network as papers use it: embeds images for FID, KID and others.

The network, its weights (converted from TensorFlow's of 2015) and its resizing are torch-fidelity's.
"""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn


class Inception(nn.Module):
    """Map images (N, 1 or 3, H, W) in [-1, 1] to vectors (N, 2048).

    Values are rounded to 256 steps, grey images are repeated, and images are resized to 299 x 299 as TensorFlow 1 did,
    which others' resizing does not match: it moves FID by points.

    Args:
        weights: file of torch-fidelity's weights, ``pt_inception-2015-12-05-6726825d.pth``; None to download them once
            (91 MB).

    Raises:
        FileNotFoundError: if there is no such file.
        ConnectionError: if they cannot be downloaded.
        ValueError: in ``forward``, if images have another shape, or values outside [-1, 1].
    """

    name = "inception-v3-compat"
    resize = "299 x 299, bilinear as in TensorFlow 1"
    num_features = 2048

    def __init__(self, weights: str | Path | None = None) -> None:
        super().__init__()
        from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

        if weights is not None and not Path(weights).is_file():
            raise FileNotFoundError(f"there are no weights of Inception at {weights}")
        path = None if weights is None else str(weights)
        try:
            self.network: Any = FeatureExtractorInceptionV3(self.name, ["2048"], feature_extractor_weights_path=path)
        except OSError as error:  # of which URLError is one
            raise ConnectionError(
                f"the weights of Inception could not be downloaded ({error}): download "
                "pt_inception-2015-12-05-6726825d.pth from torch-fidelity's releases elsewhere, and pass weights=PATH"
            ) from error

    def forward(self, images: Tensor) -> Tensor:
        """Return vectors (N, 2048)."""
        if images.ndim != 4 or images.shape[1] not in (1, 3) or not images.is_floating_point():
            raise ValueError(
                f"expected floating-point images (N, 1 or 3, H, W) in [-1, 1], got {tuple(images.shape)} of "
                f"{images.dtype}: scale bytes by x / 127.5 - 1"
            )
        low, high = images.aminmax()
        if not (low >= -1.01 and high <= 1.01):
            raise ValueError(
                f"expected images in [-1, 1], got values in [{low:.3g}, {high:.3g}]: scale the data as the generator's "
                "output is scaled, or clamp it"
            )
        steps = (images.float() * 127.5 + 127.5).round().clamp(0, 255).to(torch.uint8)
        vectors: Tensor = self.network(steps.expand(-1, 3, -1, -1))[0]
        return vectors
