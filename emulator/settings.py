"""What can be set through `POST /_admin/settings`; part of the state, so it survives a restart."""

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """Limits and behaviours. The defaults of the limits are the documented ones (page "Get an API key", 2026)."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    max_workspaces: int = Field(default=20, ge=0)
    """Workspaces per account, the default one of each region included."""
    max_keys_per_workspace: int = Field(default=20, ge=0)
    max_ips_per_key: int = Field(default=20, ge=0)
    max_models_per_key: int = Field(default=30, ge=0)
    page_size: int = Field(default=2, ge=1)
    """Entries per page when the call does not say, and at most: small, so that lists have several pages."""
    lenient_booleans: bool = True
    """Take `True` and `False` for booleans in forms, as the vendor's Python SDK sends them (untested live)."""
    refusals_in_200: bool = True
    """The control plane's own refusals come as HTTP 200 with `success: false`; else with their own status."""
    numbered_ids_ignored: bool = False
    """OOS overlooks `ResourceIds.N` and lists the tags of all: so the live gateway, by alicloud provider PR 10131."""
    visibility_delay_s: float = Field(default=0, ge=0)
    """Seconds for which a new workspace or key is not listed yet and a new key opens nothing yet."""
    visibility_delay_calls: int = Field(default=0, ge=0)
    """The same counted in calls: so many lists leave it out, and so many inference calls refuse the key."""
    admit_any_key: bool = False
    """The inference hosts let every key in: what a client sees that is led to a proxy or a portal."""
    hand_out_others_keys: bool = False
    """CreateApiKey makes the key that is asked for, but answers with the value of another workspace's."""
    keys_open_their_whole_region: bool = False
    """A dedicated host takes the keys of every workspace in its region: isolation that does not hold."""
    clock_offset_s: float = 0
    """Seconds added to the machine's clock, to let windows end."""
    client_address: str | None = None
    """Address from which inference calls seem to come; None: the peer's own."""
    models: tuple[str, ...] = (
        "qwen-flash",
        "qwen-max",
        "qwen-plus",
        "qwen-turbo",
        "qwen3-coder-plus",
        "qwen3-max",
        "text-embedding-v4",
    )
    """The models that exist, in every region."""
