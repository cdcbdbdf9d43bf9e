"""What all of redaction shares. It knows no detector, no language and no kind of medium."""
