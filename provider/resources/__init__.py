"""The resources of the plugin: one module each, with the class that programs use beside its handler."""
