"""The service that tells people: an inbox per account, messages through WeChat, and a live stream to open pages."""
