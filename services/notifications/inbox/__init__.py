"""Inbox: what an account was told, kept until it has been read and long after."""
