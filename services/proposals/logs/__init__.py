"""日志: the public log of each round, its tree heads and proofs."""
