"""Opinion watch."""
