"""Rules that make proposals of events: conditions as data, when they are due, and what they propose."""
