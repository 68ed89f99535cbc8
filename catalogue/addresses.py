"""The addresses that a key opens from: whether a list leaves it open to the world, and what in it cannot be meant.

The union of the entries counts, not each alone: `0.0.0.0/1` and `128.0.0.0/1` are the whole internet too.
"""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network

_V4 = ip_network("0.0.0.0/0")
_PRIVATE_V4 = tuple(
    map(
        IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16")
    )
)
"""RFC 1918, shared address space (which Alibaba Cloud uses inside), loopback, link-local."""
_NO_CALLER_V4 = (*_PRIVATE_V4, IPv4Network("0.0.0.0/8"), IPv4Network("224.0.0.0/3"))
"""Nobody calls the public service from there: a list that leaves only these out is open to everybody."""
_PRIVATE_V6 = tuple(map(IPv6Network, ("fc00::/7", "fe80::/10", "::1/128")))
_PUBLIC_V6 = IPv6Network("2000::/3")
_MAPPED = IPv6Network("::ffff:0:0/96")
_HALF = 2**31


def is_open(entries: Sequence[str]) -> bool:
    """Whether the entries together hold every public address of IPv4, or of IPv6."""
    four, six = _split(entries)
    whole = list(collapse_addresses([*four, *_NO_CALLER_V4])) == [_V4] if four else False
    return whole or any(net.supernet_of(_PUBLIC_V6) for net in collapse_addresses(six))


def warnings(entries: Sequence[str], *, double: bool) -> Iterable[str]:
    """Return what is odd about the entries, though it is let through. `double`: the service is one on this machine."""
    four, six = _split(entries)
    if not double:
        private = [str(net) for net in four if any(net.subnet_of(inside) for inside in _PRIVATE_V4)]
        private += [str(net) for net in six if any(net.subnet_of(inside) for inside in _PRIVATE_V6)]
        if private:
            yield (
                f"{', '.join(private)}: private, and the service sees public addresses; list those that your network "
                "calls from (its NAT or proxy)"
            )
    if not is_open(entries) and sum(net.num_addresses for net in collapse_addresses(four)) >= _HALF:
        yield "the list holds at least half of all IPv4 addresses"


def _split(entries: Sequence[str]) -> tuple[list[IPv4Network], list[IPv6Network]]:
    """Return the networks of each family; IPv4 written as IPv6 counts as IPv4. What is no network is left out."""
    four: list[IPv4Network] = []
    six: list[IPv6Network] = []
    for entry in entries:
        try:
            net = ip_network(entry, strict=False)
        except ValueError:
            continue
        if isinstance(net, IPv4Network):
            four.append(net)
        elif net.subnet_of(_MAPPED):
            four.append(IPv4Network((int(net.network_address) & 0xFFFFFFFF, net.prefixlen - 96)))
        else:
            six.append(net)
            if net.supernet_of(_MAPPED):
                four.append(IPv4Network("0.0.0.0/0"))
    return four, six
