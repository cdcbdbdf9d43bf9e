"""What still tells people apart in a text, redacted or not. Nothing is hidden here."""
