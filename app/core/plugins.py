"""Plug-ins: one file each, found by looking, listed nowhere."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import ClassVar, Generic, TypeVar

P = TypeVar("P")


class Plugins(Generic[P]):
    """Everything of one kind that lives in one package."""

    changes: ClassVar[int] = 0
    """How often anything was announced or forgotten, so that what is made of them can be kept."""

    def __init__(self, package: str) -> None:
        self._package = package
        self._found: dict[str, P] = {}

    def add(self, name: str, plugin: P) -> P:
        """Announce a plug-in; two of one name are a mistake in the code."""
        if name in self._found:
            message = f"{self._package} has two plug-ins named {name!r}"
            raise ValueError(message)
        Plugins.changes += 1
        self._found[name] = plugin
        return plugin

    def load(self) -> None:
        """Import every file of the package, so that each can announce itself."""
        load_all(self._package)

    def get(self, name: str) -> P | None:
        """The plug-in of this name."""
        return self._found.get(name)

    def remove(self, name: str) -> None:
        """Forget a plug-in."""
        Plugins.changes += 1
        del self._found[name]

    def __iter__(self) -> Iterator[tuple[str, P]]:
        """Every plug-in with its name, in the order they were announced."""
        return iter(list(self._found.items()))


def load_all(package: str) -> None:
    """Import every module of a package, so that what it declares is known."""
    for module in pkgutil.iter_modules(import_module(package).__path__):
        import_module(f"{package}.{module.name}")


def load_each(package: str, *names: str) -> None:
    """Import `package.*.name` wherever it exists, so that what it registers is known."""
    for part in pkgutil.iter_modules(import_module(package).__path__):
        for name in names:
            module = f"{package}.{part.name}.{name}"
            if part.ispkg and find_spec(module):
                import_module(module)
