"""Goods redeemed for points that the company fits free of charge."""
