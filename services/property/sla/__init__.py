"""Service levels: working calendars as data, and clocks that are a function of the event log and the calendar."""
