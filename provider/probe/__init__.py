"""Does a key open a URL? What is asked of the service, what its answers mean, and what they prove together."""
