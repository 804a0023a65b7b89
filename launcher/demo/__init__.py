"""The model community of the documents, made up from the first household to the last and always the same."""
