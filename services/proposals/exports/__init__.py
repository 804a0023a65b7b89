"""核验包: everything needed to check a vote without us, and the program that does it."""
