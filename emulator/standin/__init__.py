"""A stand-in for the plugin `pulumi-resource-alicloud`, for machines that cannot get the published one.

It serves only the resource types that this project uses, speaks only to loopback addresses, and otherwise behaves as
the published plugin was seen to: same calls, same states, same error texts. Leaks and crashes are left out.
"""
