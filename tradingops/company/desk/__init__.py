"""The desk as the company sees it: its signals, positions, outcomes and portfolio, as rows written with the strands."""
