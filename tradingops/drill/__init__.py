"""The drill: what must work on the worst day, rehearsed on a desk of its own."""
