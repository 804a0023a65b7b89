"""Recipients: which accounts belong to which household and who holds which role, as identity has told it."""
