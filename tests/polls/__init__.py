"""Polls, rolls, ballots and topics."""
