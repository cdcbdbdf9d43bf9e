"""Material for sets that are held out, made by code that knows nothing of the product.

What stands here was written down, and its digests with it (`written_down.json`), before the product was run
on it. Each set has a development part, which may be looked at, and a held-out one, whose templates, labels
and people are others. Nothing of `workers` or `omnigov` is imported: this runs in an environment that has
neither (`peers/held_out.py`), and a test reads the imports.
"""
