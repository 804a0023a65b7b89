"""The life of a ticket: one transition table, an append-only log of events, state apart from outcome."""
