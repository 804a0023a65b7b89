"""计票: results with their printed derivation."""
