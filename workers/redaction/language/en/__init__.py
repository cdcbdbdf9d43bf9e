"""What is English only: names, places, addresses, sentences about somebody."""
