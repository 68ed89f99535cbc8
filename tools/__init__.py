"""Tools around the module: engine bootstrap, the local driver, evidence; call, render and diagnose for people."""
