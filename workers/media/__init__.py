"""Media bytes to arrays and back; what comes back carries no metadata."""
