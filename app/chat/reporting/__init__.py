"""Reporting by chat: what is asked about a matter, an answer at a time, and handing it in."""
