"""Progressive alignment: a connector learns to speak the language model's language, stage by stage."""
