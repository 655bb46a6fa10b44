"""How well requests are dealt with, and how much there is to do."""
