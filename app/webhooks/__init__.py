"""Other software is told what happens: facts, signed, by Standard Webhooks 1.0."""
