"""Signals of the desk, as the company sees them."""
