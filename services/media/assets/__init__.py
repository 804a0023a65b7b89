"""Assets: one uploaded file with its public copy, thumbnails and the state of its check."""
