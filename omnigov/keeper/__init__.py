"""The housekeeper process: what has to be done again and again, and that no page or worker waits for."""
