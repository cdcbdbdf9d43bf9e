"""Measurements of the models that ship, on data they were not trained on."""
