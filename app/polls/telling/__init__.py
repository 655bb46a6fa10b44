"""Telling people and groups of polls: when they open, go on, are cancelled, and what came of it."""
