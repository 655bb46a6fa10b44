"""Work of the clock, a file for each kind."""

from app.core.plugins import load_all

load_all(__name__)
