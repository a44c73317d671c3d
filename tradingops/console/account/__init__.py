"""A person's own account: the second factor of their sign-in, and their sign-ins."""
