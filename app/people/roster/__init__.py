"""Lists of residents as property companies keep them: .csv and .xlsx, read without trust."""

from app.people.roster.rows import Row, read_roster
from app.people.roster.sheets import LARGEST

__all__ = ["LARGEST", "Row", "read_roster"]
