"""What a base URL and a key are, whether they can work together, and whether they do."""
