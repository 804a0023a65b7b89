"""The pure core every domain is written in: standard library only, no IO, no clock, no randomness."""
