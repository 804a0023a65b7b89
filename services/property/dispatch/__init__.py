"""Who is sent: workers with skills, areas and shifts, and candidates ranked with a stored explanation."""
