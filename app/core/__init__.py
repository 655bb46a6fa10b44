"""Mechanisms every part leans on; they know no community."""
