"""Sign-ups that go round in a group (接龙): everybody sends the whole list again, and we merge."""
