"""What answers in the service's place: a portal that wants a login, a proxy that swallows or forbids."""

from collections.abc import Mapping

from emulator.inference.protocol import Raw

_HTML = {"content-type": "text/html; charset=utf-8"}
_LOGIN = b"<!doctype html><html><head><title>Sign in</title></head><body><form>Sign in to go on</form></body></html>"

ODD: Mapping[str, Raw] = {
    "html_login": Raw(status=200, content=_LOGIN, headers=_HTML),
    "empty_200": Raw(status=200),
    "redirect": Raw(status=302, headers={"location": "https://login.example.com/"}),
    "plain_403": Raw(status=403, content=b"<html><body><h1>403 Forbidden</h1></body></html>", headers=_HTML),
}
"""By word of the setting `gateway`."""
