"""What can be set through `POST /_admin/settings`; part of the state, so it survives a restart."""

from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator

Step = Literal["key", "model", "workspace", "bill", "body"]
"""What is looked at before a call of a model is answered; `emulator.inference.steps` has one function for each.

key: known to this region or plan, enabled, visible, called from an allowed address. model: exists, and is of the kind
that the path calls. workspace: the dedicated host is the key's, and the key may call the model. bill: the account and
the purchase of the model. body: the fields of the request.
"""


Deviation = Literal[
    # The control plane.
    "close_keeps_one_click",
    "default_workspace_not_listed",
    "delete_refused_by_status",
    "deleted_keys_linger",
    "description_filter_matches_whole",
    "disable_refused",
    "empty_ip_list_stays_empty",
    "filter_model_ignored",
    "fresh_workspaces_may_call_all",
    "keys_masked_otherwise",
    "last_page_has_a_token",
    "list_models_is_short",
    "lists_are_late",
    "missing_key_fails",
    "names_of_20_characters",
    "names_are_unique",
    "no_api_host",
    "one_click_lists_single_models",
    "scope_is_merged",
    "small_booleans_ignored",
    "switch_twice_accepted",
    "ten_permissions_per_call",
    # The inference hosts.
    "address_denied_as_unknown_key",
    "keys_are_late",
    "max_tokens_ignored",
    "model_denied_as_unknown",
    "no_content_answered",
    "shared_hosts_refuse_workspaces",
    "thinking_switch_refused",
    "unknown_model_not_named",
]
"""A way in which the service may be other than its clients assume; each breaks one assumption."""

LINGER = 4
"""Refused deletes of a workspace under `deleted_keys_linger`."""


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
    max_parameter_versions: int = Field(default=100, ge=1)
    """Versions that OOS keeps of a parameter (GetSecretParameter takes version numbers from 1 to 100)."""
    tags_of_all: bool = False
    """OOS lists the tags of all parameters, whichever are asked for: so the live gateway may, by the same source."""
    visibility_delay_s: float = Field(default=0, ge=0)
    """Seconds for which a new workspace or key is not listed yet and a new key opens nothing yet."""
    visibility_delay_calls: int = Field(default=0, ge=0)
    """The same counted in calls: so many lists leave it out, and so many inference calls refuse the key."""
    admit_any_key: bool = False
    """The inference hosts let every key in: what a client sees that is led to a proxy or a portal."""
    hand_out_others_keys: bool = False
    """CreateApiKey makes the key that is asked for, but answers with the value of another workspace's."""
    keys_open_their_whole_region: bool = False
    """A dedicated host, whatever its label, takes every key of its region: isolation that does not hold."""
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
    disable_refused_in: tuple[str, ...] = ()
    """Regions that refuse DisableApiKey. The console of Virginia (us-east-1) has no such button; of the API it is not
    known."""
    disable_refusal_status: int = Field(default=400, ge=0)
    disable_refusal_code: str = "OperationNotSupported"
    """Status and code of that refusal: neither is documented."""
    key_lists_refused_in: tuple[str, ...] = ()
    """Regions that refuse a key with a list of models or addresses: as above."""
    models_list_refused: bool = False
    """ListModels is refused, as to a caller without the right to it."""
    max_description: int = Field(default=200, ge=0)
    """Characters of a key's description (page "Get an API key", 2026)."""

    inference_order: tuple[Step, ...] = get_args(Step)
    """Order in which the inference hosts look. The default is inferred from what was seen (d025, d031, d062, d106)."""
    anthropic_body_first: bool = False
    """The Anthropic path looks at the body before anything else (not known of the live service)."""
    made_up_host_answers: Literal["endpoint_denied", "unauthorized"] = "endpoint_denied"
    """What a good key of the region gets at a dedicated host whose label is no workspace's."""
    sibling_key_answers: Literal["endpoint_denied", "unauthorized"] = "endpoint_denied"
    """What another workspace's key gets at a dedicated host: both were seen (d036)."""
    new_key_answers: Literal["unauthorized", "endpoint_denied"] = "unauthorized"
    """What a key gets that is not visible yet. endpoint_denied: only calls of models at its dedicated host fail."""
    llm_host_labels: bool = False
    """New workspaces get a host label that is not their id (those of provisioned instances)."""
    disabled_keys_are_blocked: bool = True
    """A disabled key and a value that was reset away get a text of their own, "API-key is blocked." (d102)."""
    payg_takes_x_api_key: bool = False
    """The pay-as-you-go hosts take a key in `x-api-key`; seen to refuse it (d100)."""
    coding_models: Literal["absent", "open"] = "absent"
    """`GET /v1/models` of the Coding Plan: 404 without a body (d097), or the list for anybody."""
    coding_user_agents: Literal["any", "agents"] = "agents"
    """agents: the Coding Plan answers 405 to a User-Agent that it does not know for a coding agent (d093, d095)."""
    coding_takes: tuple[str, ...] = ()
    """Product names of User-Agents that the Coding Plan takes as well."""
    coding_agent_check: Literal["before_key", "after_key"] = "after_key"
    """When the Coding Plan looks at the User-Agent."""
    suspended_workspaces: tuple[str, ...] = ()
    """Ids of workspaces whose keys the dedicated host turns away (d039)."""
    barred_workspaces: tuple[str, ...] = ()
    """Ids of workspaces to which the owners of their keys have no right (d022)."""
    retired_models: tuple[str, ...] = ()
    """Models that are listed and cannot be called: a dedicated host denies its endpoint (d048), others know none."""
    bill: Literal["", "arrears", "quota", "free_tier", "unpurchased", "commodity"] = ""
    """What is wrong with the account."""
    unpurchased_models: tuple[str, ...] = ()
    """Models that the account may not use (d074)."""
    stream_only_models: tuple[str, ...] = ()
    """Models that refuse to answer in one piece."""
    gateway: Literal["", "html_login", "empty_200", "redirect", "plain_403"] = ""
    """What answers every inference call in the service's place: a portal or a proxy."""
    deviations: tuple[Deviation, ...] = ()
    """Ways in which the service is other than its clients assume."""

    @field_validator("inference_order")
    @classmethod
    def _each_step_once(cls, order: tuple[Step, ...]) -> tuple[Step, ...]:
        if sorted(order) != sorted(get_args(Step)):
            raise ValueError("must name each step once")
        return order
