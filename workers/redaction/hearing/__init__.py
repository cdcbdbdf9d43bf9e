"""What is said in a recording, by whom and when. Of personal data it knows numbers and letters alone."""
