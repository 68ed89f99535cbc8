"""A program that keeps a key in its state, encrypted: what a scan of states must find."""

import pulumi

pulumi.export("record", pulumi.Output.secret({"OPENAI_API_KEY": "sk-ws-canary.a1"}))
