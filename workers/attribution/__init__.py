"""What a decision rests on: Captum's attributions and their heat map."""

from workers.attribution.attribute import attribute, attribute_with, prepare
from workers.attribution.heatmap import render

__all__ = ["attribute", "attribute_with", "prepare", "render"]
