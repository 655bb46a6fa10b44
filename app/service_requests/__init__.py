"""Service requests: whatever somebody has to do for somebody, from the first word to the rating."""
