"""What finds something in a picture: the registry, and one file a detector."""
