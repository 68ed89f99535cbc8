"""The plugin `modelstudio`: wire (gRPC) / client (the vendor's services) / resources (what a program composes)."""
