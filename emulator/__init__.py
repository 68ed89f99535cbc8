"""A loopback double of the Alibaba Cloud services that the project calls. Imports nothing of the project."""
