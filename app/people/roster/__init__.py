"""Lists of residents as property companies keep them: .csv and .xlsx, read without trust."""

from app.people.roster.rows import Row, read_roster

__all__ = ["Row", "read_roster"]
