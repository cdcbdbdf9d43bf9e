"""Forms and papers: fields, their labels, what was written into them, and signatures beside them."""
