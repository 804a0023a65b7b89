"""A neighbour's concern becomes a lawful, public decision: deliberation, voting, tallies and notices."""
