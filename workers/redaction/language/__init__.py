"""Personal data in text, whatever it was read from."""
