"""Trades: what is held and what a person may do about it, what was closed and what it came to."""
