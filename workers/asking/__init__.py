"""The command line's adapt, evaluate and ask: files in, JSON and files out, without server or database."""
