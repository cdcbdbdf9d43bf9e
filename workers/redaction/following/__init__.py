"""Things that are hidden, through the frames of a video: shots, what moves where, and one path a thing."""
