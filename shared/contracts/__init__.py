"""The published language between services: facts and internal models, standard library only."""
