"""Sending somebody: ranked candidates, the offer to a worker, taking or declining it, and offers that lapse."""
