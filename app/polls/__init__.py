"""Deciding: polls, surveys, residents' meetings, the owners' assembly, and topics (议事)."""
