"""Part of the site's build, an extension of griffe: docstrings as this package writes them, for the reference."""

import re
from typing import Any

from griffe import Class, Extension, Function, Module, Object, Parameter, ParameterKind, Parameters

SOURCES = re.compile(r"^(?=(?:Paper|Differs): )", re.MULTILINE)


class Docstrings(Extension):
    """Examples as code; paper and differences, which a module's docstring holds, with what the module exports."""

    def on_object(self, *, obj: Object, **kwargs: Any) -> None:
        """Name the section of examples as griffe does."""
        if obj.docstring:
            obj.docstring.value = re.sub(r"(?m)^Example:$", "Examples:", obj.docstring.value)

    def on_module(self, *, mod: Module, **kwargs: Any) -> None:
        """Append what the module says about its sources to its first public class, or function."""
        _, *sources = SOURCES.split(mod.docstring.value) if mod.docstring else ("",)
        own = [each for each in mod.members.values() if not each.is_alias and not each.name.startswith("_")]
        documented = [each for each in own if (each.is_class or each.is_function) and each.docstring]
        for first in sorted(documented, key=lambda each: each.is_function)[:1] if sources else ():
            first.docstring.value += "\n\n" + "\n\n".join(" ".join(source.split()) for source in sources)

    def on_class(self, *, cls: Class, **kwargs: Any) -> None:
        """Give a named tuple the constructor that Python gives it, with its fields."""
        if "NamedTuple" not in map(str, cls.bases) or "__init__" in cls.members:
            return
        fields = [each for each in cls.attributes.values() if "instance-attribute" in each.labels or each.annotation]
        either = ParameterKind.positional_or_keyword
        arguments = [Parameter(it.name, annotation=it.annotation, kind=either, default=it.value) for it in fields]
        first = Parameter("self", kind=either)
        cls.set_member("__init__", Function("__init__", parameters=Parameters(first, *arguments), parent=cls))
