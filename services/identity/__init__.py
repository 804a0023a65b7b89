"""Who is who: communities, households, accounts, roles and the keys that prove it."""
