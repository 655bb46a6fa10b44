"""Voting by chat: what somebody may vote on, what they mean by their words, and the cards."""
