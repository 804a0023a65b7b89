"""选票与日志: casting, signed receipts, the hash chain and the Merkle log."""
