"""Notices: what the bell tells a person, and the ways by which they are told."""
