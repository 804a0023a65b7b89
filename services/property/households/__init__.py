"""What this service knows of households and accounts, learnt from the facts identity tells."""
