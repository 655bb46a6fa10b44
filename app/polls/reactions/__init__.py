"""What follows from what happens to polls and topics, a file for each kind of consequence."""

from app.core.plugins import load_all

load_all(__name__)
