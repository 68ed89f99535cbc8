"""Tools around the module: engine bootstrap, the local driver, evidence."""
