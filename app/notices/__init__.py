"""Telling people things, over every channel they can be reached by."""
