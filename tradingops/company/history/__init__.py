"""The portfolio over time, as the company sees it."""
