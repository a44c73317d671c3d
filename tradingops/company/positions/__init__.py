"""What the desk holds and held, and what it came to, as the company sees it."""
