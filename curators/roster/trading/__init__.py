"""The trader's curators."""
