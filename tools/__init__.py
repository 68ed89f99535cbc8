"""Tools around the module: engine bootstrap, the local driver, evidence, and what people call: call, render, diagnose."""
