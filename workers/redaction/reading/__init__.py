"""What stands on a picture: text, its layout, and letters of writing systems that nobody here reads."""
