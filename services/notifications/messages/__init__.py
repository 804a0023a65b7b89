"""Messages: what is sent to a telephone, once per fact and only with a grant."""
