"""What the bot does in group chats: when it speaks, for whom, and what it never says aloud."""
