"""The service on a socket, for browsers that run scripts."""

from tests.serving import address

__all__ = ["address"]
