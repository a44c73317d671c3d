"""Residuals: how far the newest bar lies from what each of several models expected of it, one file a model."""
