"""What the served resident thinks of the work, on five axes, and the figures published from it."""
