"""Customer service: taking reports on, refusing them, and correcting what they are."""
