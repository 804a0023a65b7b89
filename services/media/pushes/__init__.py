"""Pushes: what WeChat tells of its own accord; here, how it judged a picture."""
