"""The audit: who did what, from where, before and after, in one chain that shows when it was tampered with."""
