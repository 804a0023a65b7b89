"""`make story`: two months of the community, played through the public API with the accounts of the demo community."""

from launcher.story.play import main

__all__ = ["main"]
