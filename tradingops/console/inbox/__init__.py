"""The inbox: plans that wait for people, and the ways to decide on them."""
