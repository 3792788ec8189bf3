"""A generator rebuilt from a file of its weights."""

import json
from importlib import import_module
from pathlib import Path

from torch import nn

from gan_lightning.export.formats import facts_in, form_of
from gan_lightning.export.subject import find_generator
from gan_lightning.rebuilt import untrained


def load_generator(file: str | Path) -> nn.Module:
    """Rebuild a generator from a safetensors file, in evaluation mode.

    Args:
        file: written by ``export_generator`` from a checkpoint that the command line trained.

    Raises:
        ValueError: if the file does not say how to build the network, or its class is not known here.
    """
    form_of("safetensors")
    facts = facts_in(Path(file))
    if "hyper_parameters" not in facts:
        raise ValueError(
            f"{str(file)!r} does not say how to build its network, because the module was made in Python: build it as "
            "in training, then network.load_state_dict(safetensors.torch.load_file(file))"
        )
    network = find_generator(untrained(json.loads(facts["hyper_parameters"])), facts["generator"])
    network.load_state_dict(import_module("safetensors.torch").load_file(file))
    return network.eval().requires_grad_(False)
