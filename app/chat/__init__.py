"""What people type, turned into verbs: words, conversations, commands; the same for every door."""
