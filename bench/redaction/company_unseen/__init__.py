"""Lines of a company that nobody tunes on; see `patterns`."""
