"""The building chats: groups, who is in them, the bots that listen there, and what was said."""
