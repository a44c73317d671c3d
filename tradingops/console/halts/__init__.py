"""Halts: the banner of every page, the dialogs that stop and resume."""
