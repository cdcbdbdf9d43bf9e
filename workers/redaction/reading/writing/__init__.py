"""Which parts of a line of text are written in letters that OCR was never taught."""
