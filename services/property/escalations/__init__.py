"""Who is told when a promised time runs out, and that they were told."""
