"""The forms a generator is exported in: how each is written, and read back as a function."""

import json
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

import torch
from torch import Tensor, nn

from gan_lightning.export.subject import Subject

Format = Literal["torchscript", "onnx", "safetensors"]
Call = Callable[..., Tensor]


class Form(NamedTuple):
    """One form.

    Args:
        suffix: of its files.
        needs: packages beside torch.
        write: writes a subject to a file, with facts about it where the form has room for them.
        read: returns a function that maps inputs to samples, as someone else would get it from the file.
    """

    suffix: str
    needs: tuple[str, ...]
    write: Callable[[Subject, Path, Mapping[str, str]], None]
    read: Callable[[Subject, Path], Call]


def form_of(format: str) -> Form:
    """Return a form by its name.

    Raises:
        ValueError: if there is none of this name.
        ModuleNotFoundError: if it needs a package that is not installed.
    """
    if format not in FORMS:
        raise ValueError(f"format is {format!r}, expected one of {', '.join(get_args(Format))}")
    form = FORMS[format]
    missing = [package for package in form.needs if find_spec(package) is None]
    if missing:
        raise ModuleNotFoundError(
            f"to export as {format}, {' and '.join(missing)} must be installed: pip install 'gan-lightning[export]'"
        )
    return form


def check_place(file: Path, format: str, *sources: Path) -> None:
    """Refuse a place where a generator would take something else's, or be taken for something else.

    Args:
        file: that is to be written.
        format: of it.
        sources: files that it is made from.

    Raises:
        ValueError: if it is a folder, one of the sources, or ends as another form does.
    """
    if file.is_dir():
        raise ValueError(f"{str(file)!r} is a folder: name a file in it, such as generator{FORMS[format].suffix}")
    if any(file.resolve() == source.resolve() for source in sources):
        raise ValueError(f"{str(file)!r} is the file to export from: name another one for the generator")
    other = next((name for name, form in FORMS.items() if form.suffix == file.suffix != FORMS[format].suffix), None)
    if other is not None:
        raise ValueError(f"{file.name} is to hold {format}, but ends as {other} does: take {FORMS[format].suffix}")


@contextmanager
def quiet() -> Iterator[None]:
    """Leave out what exporters warn of: deprecations, and traces that may not be general, which is tried afterwards."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _write_torchscript(subject: Subject, file: Path, facts: Mapping[str, str]) -> None:
    with quiet(), torch.no_grad():
        traced = torch.jit.trace(subject.network, subject.inputs[0], check_trace=False)  # type: ignore[no-untyped-call]
        traced.save(str(file), _extra_files=dict(facts))


def _read_torchscript(subject: Subject, file: Path) -> Call:
    with quiet():
        loaded: Call = torch.jit.load(str(file), map_location="cpu")  # type: ignore[no-untyped-call]
    return loaded


class _Positional(nn.Module):
    """Hide how a network names its inputs, of which ``torch.export`` would want to know."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, *inputs: Tensor) -> Tensor:
        samples: Tensor = self.network(*inputs)
        return samples


def _write_onnx(subject: Subject, file: Path, facts: Mapping[str, str]) -> None:
    batch = torch.export.Dim("batch")
    shapes = tuple({0: batch} for _ in subject.inputs[0])
    with quiet(), torch.no_grad():
        torch.onnx.export(
            _Positional(subject.network),
            subject.inputs[0],
            file,
            input_names=list(subject.names),
            output_names=["samples"],
            dynamic_shapes=(shapes,),
            external_data=False,
            dynamo=True,
            verbose=False,
        )
    onnx: Any = import_module("onnx")
    model = onnx.load(file)
    onnx.helper.set_model_props(model, dict(facts))
    onnx.checker.check_model(model)
    onnx.save(model, file)


def _read_onnx(subject: Subject, file: Path) -> Call:
    if find_spec("onnxruntime") is None:
        runner = import_module("onnx.reference").ReferenceEvaluator(str(file))
    else:
        runner = import_module("onnxruntime").InferenceSession(str(file), providers=["CPUExecutionProvider"])

    def call(*inputs: Tensor) -> Tensor:
        (samples,) = runner.run(None, {name: x.numpy() for name, x in zip(subject.names, inputs, strict=True)})
        return torch.from_numpy(samples)

    return call


def _write_safetensors(subject: Subject, file: Path, facts: Mapping[str, str]) -> None:
    weights = {name: value.clone().contiguous() for name, value in subject.network.state_dict().items()}
    import_module("safetensors.torch").save_file(weights, file, metadata=dict(facts))


def _read_safetensors(subject: Subject, file: Path) -> Call:
    network = deepcopy(subject.network)
    for tensor in network.state_dict().values():
        tensor.zero_()
    network.load_state_dict(import_module("safetensors.torch").load_file(file))
    return network


FORMS: dict[str, Form] = {
    "torchscript": Form(".pt", (), _write_torchscript, _read_torchscript),
    "onnx": Form(".onnx", ("onnx", "onnxscript"), _write_onnx, _read_onnx),
    "safetensors": Form(".safetensors", ("safetensors",), _write_safetensors, _read_safetensors),
}


def facts_in(file: Path) -> dict[str, str]:
    """Return the facts that were written into a safetensors file."""
    with import_module("safetensors").safe_open(file, framework="pt") as opened:
        return dict(opened.metadata() or {})


def as_text(value: Any) -> str:
    """Return plain data as text for a file's facts."""
    return json.dumps(value, sort_keys=True)
