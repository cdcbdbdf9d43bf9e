"""What is Japanese only: names, and the rules for addresses and for how people are addressed."""
