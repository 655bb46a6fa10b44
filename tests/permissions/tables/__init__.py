"""What everybody is answered on every route, in one file for each thing that routes are about.

`ok` is an answer from behind the check of rights, and a refusal of the matter itself (409, 429) is
one. What a route asks for stands in `ASKS`; the ids in a path are those of `World.ids`, by name.
The columns are those of `CALLERS`.
"""

from importlib import import_module
from pkgutil import iter_modules

from tests.permissions.asking import Asks

_FILES = [import_module(f"{__name__}.{each.name}") for each in iter_modules(__path__)]
_LINES = [line.split() for each in _FILES for line in each.TABLE.splitlines()[2:] if line]

TABLE = [(f"{method} {path}", answers) for method, path, *answers in _LINES]
"""Each route, as `GET /places`, and the expected answers in the order of `CALLERS`."""
ASKS: dict[str, Asks] = {route: asks for each in _FILES for route, asks in each.ASKS.items()}
