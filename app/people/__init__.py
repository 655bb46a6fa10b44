"""Who people are and what they may do: residents, homes, identities, staff and roles."""
