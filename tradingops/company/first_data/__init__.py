"""What a new company begins with: its agents, what it goes by, its rules, and how its agents stand to one another."""
