"""Minds: how agents take turns, drift towards and away from one another, and what they remember."""
