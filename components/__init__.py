"""What a Pulumi program composes: workspaces with their URLs, access for a service, and the sinks it goes to.

Importable by any program: nothing here reads configuration or the environment, or exports anything.
"""
