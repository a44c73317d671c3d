"""The company above the desk: six agents who propose, review, execute through the desk, and learn (document 004)."""
