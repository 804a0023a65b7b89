"""名册: frozen lists of voting units with heads and area, and the local picture of households."""
