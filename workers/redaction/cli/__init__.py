"""The stand-alone command: `omnigov redact` and `omnigov reveal`."""
