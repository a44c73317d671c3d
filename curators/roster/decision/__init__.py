"""The decision maker's curators."""
