"""What is held: every position with its stop and target, and what a person may do about it."""
