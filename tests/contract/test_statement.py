"""What each technique must keep, read from its source: hooks, arguments, documentation."""

import ast
import inspect
import textwrap

import pytest
from lightning.pytorch import LightningModule
from techniques import MIXINS, NEUTRAL, own_arguments

from gan_lightning import GAN, mixins


def test_every_mixin_has_a_neutral_setting() -> None:
    assert set(NEUTRAL) == set(mixins.__all__)


def first_statement(function: object) -> ast.stmt:
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    body = [node for node in definition.body if not isinstance(node, ast.Expr) or isinstance(node.value, ast.Call)]
    return body[0]


def calls_super(statement: ast.stmt, name: str) -> bool:
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == name
        and isinstance(node.value, ast.Call)
        and getattr(node.value.func, "id", "") == "super"
        for node in ast.walk(statement)
    )


@pytest.mark.parametrize("cls", MIXINS)
def test_only_hooks_are_overridden_and_super_comes_first(cls: type[GAN]) -> None:
    # configure_model: what is made while it trains has to be there before a sharded checkpoint is loaded.
    allowed = GAN.hooks | {name for name in dir(LightningModule) if name.startswith("on_")} | {"configure_model"}
    for name, member in vars(cls).items():
        function = member.fget if isinstance(member, property) else member
        if not inspect.isfunction(function) or name == "__init__":
            continue
        if name in allowed:
            assert calls_super(first_statement(function), name), f"{name} calls super() first"
        else:
            assert name.startswith("_"), f"{name} is no hook"
            assert not hasattr(GAN, name), f"{name} overrides the spine"


@pytest.mark.parametrize("cls", MIXINS)
def test_nothing_steps_logs_or_reads_numbers_back_in_a_hook(cls: type[GAN]) -> None:
    forbidden = {"log", "log_dict", "manual_backward", "clip_gradients"}
    tree = ast.parse(textwrap.dedent(inspect.getsource(cls)))
    called = {node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and hasattr(node.func, "attr")}
    assert not called & forbidden


@pytest.mark.parametrize("cls", MIXINS)
def test_arguments_are_typed_with_defaults(cls: type[GAN]) -> None:
    assert own_arguments(cls)
    assert all(p.annotation is not p.empty and p.default is not p.empty for p in own_arguments(cls))


def test_argument_names_are_unique() -> None:
    names = [p.name for cls in MIXINS for p in own_arguments(cls)]
    spine = list(inspect.signature(GAN.__init__).parameters)
    assert len(names) == len(set(names))
    assert not set(names) & set(spine)


@pytest.mark.parametrize("cls", MIXINS)
def test_documentation_tells_hooks_neutral_setting_and_cost(cls: type[GAN]) -> None:
    for heading in ("Hooks:", "Neutral:", "Cost:", "Args:", "Raises:", "Example:"):
        assert heading in (cls.__doc__ or ""), heading
    assert "Paper:" in (inspect.getmodule(cls).__doc__ or "")


@pytest.mark.parametrize("cls", MIXINS)
def test_python_rejects_the_wrong_base_order(cls: type[GAN]) -> None:
    with pytest.raises(TypeError, match="consistent method resolution"):
        type("Wrong", (GAN, cls), {})
