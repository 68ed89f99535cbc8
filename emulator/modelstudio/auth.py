"""What a key may do: the `auth` of CreateApiKey and UpdateApiKey (page "Get an API key", 2026)."""

from ipaddress import ip_network

from emulator.modelstudio.envelope import invalid
from emulator.openapi import Call, Json
from emulator.state import Auth, Workspace

_EVERYWHERE = ["0.0.0.0/0", "::/0"]
_IPV6_REGIONS = ("cn-beijing",)
_ALLOW_ALL = "auth.modelAccessScope.allowAllModels"


def auth_given(call: Call) -> bool:
    """Say whether the call holds any part of an auth."""
    return any(name.startswith("auth.") for name in call.params)


def read_auth(call: Call, workspace: Workspace) -> Auth:
    """Read a whole auth. Raises ProductRefusal, and Refusal for a bad boolean.

    An empty IP list of a custom key lets every address in. A scope without `allowAllModels` is read as all models.
    """
    kind = call.get("auth.type")
    allow_all = call.flag(_ALLOW_ALL, default=True)
    if kind == "All":
        return Auth()
    if kind != "Custom":
        raise invalid("auth.type", "neither All nor Custom")
    if call.region in call.store.settings.key_lists_refused_in:
        raise invalid("auth.type", f"Custom is not supported in region {call.region}")
    ips = call.numbered("auth.accessIps")
    models = call.numbered("auth.modelAccessScope.accessibleModels")
    _check_ips(call, ips)
    if len(models) > call.store.settings.max_models_per_key:
        raise invalid("auth.modelAccessScope.accessibleModels", "too many models")
    if not allow_all and any(not workspace.may_call(model) for model in models):
        raise invalid("auth.modelAccessScope.accessibleModels", "holds a model that the workspace may not call")
    if not ips and "empty_ip_list_stays_empty" not in call.store.settings.deviations:
        ips = _EVERYWHERE
    return Auth(
        type="Custom",
        access_ips=ips,
        allow_all_models=allow_all,
        models=[] if allow_all else models,  # "takes effect only when allowAllModels is set to false"
    )


def show_auth(auth: Auth) -> Json:
    """Return an auth as Get and List show it."""
    if auth.type == "All":
        return {"type": "All"}
    scope: Json = {"allowAllModels": auth.allow_all_models}
    if not auth.allow_all_models:
        scope["accessibleModels"] = auth.models
    return {"type": "Custom", "accessIps": auth.access_ips, "modelAccessScope": scope}


def _check_ips(call: Call, ips: list[str]) -> None:
    if len(ips) > call.store.settings.max_ips_per_key:
        raise invalid("auth.accessIps", "too many entries")
    for ip in ips:
        try:
            network = ip_network(ip, strict=False)
        except ValueError:
            raise invalid("auth.accessIps", "holds an entry that is no address or network") from None
        if network.version == 6 and ip != "::/0" and call.region not in _IPV6_REGIONS:
            raise invalid("auth.accessIps", f"IPv6 is not supported in region {call.region}")
