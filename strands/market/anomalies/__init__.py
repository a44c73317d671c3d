"""Anomalies: what was odd about a bar, kept for people."""
