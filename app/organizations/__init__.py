"""Departments, the committee, property companies, social organisations and merchants."""
