"""四议两公开: templates as data and the processes that run by them, step after step."""
