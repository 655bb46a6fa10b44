"""Service requests, through their real doors."""
