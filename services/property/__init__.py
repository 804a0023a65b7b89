"""Property tickets: a resident says what is broken, somebody comes, the work is judged, and the community sees the figures."""
