"""What can be wrong with a server, each with a message for the person who runs it."""


class PostgresError(RuntimeError):
    """We have no database to work with."""


class NotStarted(PostgresError):  # noqa: N818 - its name is its sentence
    """The embedded server does not come up."""


class NotStopped(PostgresError):  # noqa: N818 - its name is its sentence
    """The embedded server does not end."""


class Unfit(PostgresError):  # noqa: N818 - its name is its sentence
    """A server that must not be trusted with people's words."""


class NotDurable(Unfit):
    """The server may lose what it acknowledged."""


class TooOld(Unfit):
    """The server is older than we support."""
