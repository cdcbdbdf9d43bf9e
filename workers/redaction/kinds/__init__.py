"""One file a kind of medium: find, mask, and look again at what came out."""
