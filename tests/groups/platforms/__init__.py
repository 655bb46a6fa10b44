"""Promises of `app.groups.platforms`."""
