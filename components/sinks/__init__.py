"""Places that a record is delivered to: secret sinks hold the keys, config sinks the rest and a pointer."""
