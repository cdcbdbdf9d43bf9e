"""What a decision rests on: Captum's attributions and their heat map."""

from workers.attribution.attribute import DEEP, DEFAULT, Contrast, attribute, attribute_with, prepare
from workers.attribution.deep import examine
from workers.attribution.heatmap import render

__all__ = ["DEEP", "DEFAULT", "Contrast", "attribute", "attribute_with", "examine", "prepare", "render"]
