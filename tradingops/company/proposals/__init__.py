"""Proposals: the one way in, the gates each has to pass, and who may let it begin."""
