"""The version of this plugin, as the engine and the services see it."""

VERSION = "0.1.0"
