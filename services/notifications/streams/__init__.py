"""Streams: the inbox as it grows, to pages that are open."""
