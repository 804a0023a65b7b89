"""`make story`: the three journeys of the product, played through the public API with the accounts of the demo community."""

from launcher.story.play import main

__all__ = ["main"]
