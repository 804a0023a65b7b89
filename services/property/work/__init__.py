"""The work on site: check-in, start, holds with a day of return, and the finish with its photos."""
