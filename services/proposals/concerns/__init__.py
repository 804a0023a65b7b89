"""诉求: what neighbours ask for, triage into major, minor and private, and the answer each author sees."""
