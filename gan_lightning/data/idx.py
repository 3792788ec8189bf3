"""Reader of IDX files, the format of MNIST and its relatives.

Format: http://yann.lecun.com/exdb/mnist/ - two zero bytes, a type, the number of dimensions, each dimension as a
big-endian 32-bit integer, then the values, the last index running fastest.
"""

import gzip
import math
import zlib
from pathlib import Path

import torch
from torch import Tensor

_UNSIGNED_BYTE = 0x08


def read_idx(path: Path, num_dims: int) -> Tensor:
    """Return the bytes of an IDX file as a uint8 tensor; a gzip-compressed file is unpacked.

    Args:
        path: the file; compression is told by its content, not by its name.
        num_dims: how many dimensions it must have: 3 for images, 1 for labels.

    Raises:
        ValueError: if the file is no such file, or broken off; the message names it and what was expected.
    """
    content = path.read_bytes()
    if content[:2] == b"\x1f\x8b":
        try:
            content = gzip.decompress(content)
        except (EOFError, OSError, zlib.error) as error:
            raise ValueError(f"{path} is a broken gzip file ({error}): fetch it again") from error
    magic = bytes([0, 0, _UNSIGNED_BYTE, num_dims])
    if content[:4] != magic:
        raise ValueError(
            f"{path} is not an IDX file of bytes with {num_dims} dimensions:"
            f" it begins with {content[:4].hex(' ')}, expected {magic.hex(' ')}"
        )
    begin = 4 + 4 * num_dims
    dims = [int.from_bytes(content[offset : offset + 4]) for offset in range(4, begin, 4)]
    if len(content) != begin + math.prod(dims):
        raise ValueError(
            f"{path} has {len(content)} bytes, expected {begin + math.prod(dims)} for {' x '.join(map(str, dims))}"
            " values: fetch it again"
        )
    # bytearray, because torch warns of tensors over memory that is read-only.
    return torch.frombuffer(bytearray(content), dtype=torch.uint8)[begin:].reshape(dims)
