"""What is assumed of the inference hosts, and measured."""

from datetime import date

from catalogue.assumptions.model import Assumption

_CHECK, _VERDICT, _QUESTION = "provider/probe/check.py", "provider/probe/verdict.py", "provider/probe/question.py"
_MEANING, _ISOLATION = "provider/probe/meaning.py", "provider/probe/isolation.py"
_INFERRED = date(2026, 11, 25)
"""When it was inferred, where nobody published an answer."""

HOSTS: tuple[Assumption, ...] = (
    Assumption(
        id="key-first",
        statement="A key that cannot exist is refused with 401, whatever else is wrong with the call.",
        depends=(_VERDICT, _CHECK),
        safe="an answer to the key counts only where the control key got 401 for the same call",
        measured="the control key makes every kind of call in every protocol",
        source="d062: 401 even before the path is looked at",
        day=date(2026, 8, 21),
    ),
    Assumption(
        id="no-content-free",
        statement="A request with an empty list of messages is answered 400 that names the body, and costs nothing.",
        depends=(_QUESTION,),
        safe="any other answer proves nothing; an answer of a model is taken for the real call that it then was",
        measured="the workspace's key makes such a request in every protocol",
        source="inferred from the errors of the three protocols; nobody published such an answer",
        day=_INFERRED,
    ),
    Assumption(
        id="unknown-model-told",
        statement="A model that does not exist is refused with 404 or 400 and a code or message about the model.",
        depends=(_MEANING,),
        safe="what does not speak of a model is taken for a wrong path and proves nothing",
        measured="the workspace's key asks for such a model in every protocol",
        source="d003, d069, d078",
        day=date(2026, 8, 5),
    ),
    Assumption(
        id="model-before-workspace",
        statement="A model that does not exist is refused before a dedicated host looks at the key's workspace.",
        depends=(_QUESTION,),
        safe="the answer about an unknown model proves nothing about a dedicated host",
        measured="a sibling workspace's key asks for such a model at the workspace's host",
        source="inferred from d025, d031 and d106",
        day=date(2026, 9, 20),
    ),
    Assumption(
        id="denial-before-body",
        statement="A dedicated host looks at the key's workspace before it looks at the body.",
        depends=(_VERDICT, _ISOLATION),
        safe="a refused body counts only where the host of a made-up workspace denies the very same call",
        measured="a sibling workspace's key makes a whole request and one without content at the workspace's host",
        source="inferred from d031 and d106",
        day=date(2026, 9, 20),
    ),
    Assumption(
        id="made-up-host-denied",
        statement="The host of a workspace that nobody has denies its endpoint to a good key of the region (403).",
        depends=(_CHECK, _QUESTION),
        safe="where it does not, the free call tells nothing, and one real call is made if the settings allow it",
        measured="the workspace's key makes a whole request at the host of a made-up workspace, in every protocol",
        source="inferred from d013 (such hosts resolve) and d031",
        day=date(2026, 9, 20),
    ),
    Assumption(
        id="sibling-denied",
        statement="A dedicated host refuses another workspace's key: 401, or 403 that denies the endpoint.",
        depends=(_ISOLATION,),
        safe="`isolation` delivers only after one of these two answers, which are told from all others",
        measured="a sibling workspace's key, allowed all models, makes a whole request in every protocol",
        source="Base URL Overview (only keys of the workspace); d031, d036 to d043 for the answers",
        day=date(2026, 9, 20),
    ),
    Assumption(
        id="models-list-says-nothing",
        statement="GET /models of a dedicated host lists the region's models for any key of the region.",
        depends=(_QUESTION, _ISOLATION),
        safe="a list proves nothing about a dedicated host",
        measured="a sibling workspace's key asks the workspace's host for its list",
        source="d030 beside d031: a list, then 403 for every model",
        day=date(2026, 9, 20),
    ),
    Assumption(
        id="shared-takes-any-key",
        statement="The shared host of a region takes the keys of all its workspaces.",
        depends=(_VERDICT, "provider/probe/origin.py"),
        safe="a key that is let in there is verified for that host alone, never for a dedicated one",
        measured="the keys of two workspaces ask the shared host, where the region has one",
        source="Regions page (authorised for all workspaces)",
        day=date(2026, 8, 20),
    ),
    Assumption(
        id="thinking-off",
        statement=(
            "Every protocol has a switch for thinking that its models take: `enable_thinking`, `thinking`, "
            "`parameters.enable_thinking`."
        ),
        depends=(_QUESTION,),
        safe="a model that refuses the switch is skipped, and the next candidate is called",
        measured="a model that can think is called with the switch off, once in every protocol",
        source="model pages for OpenAI and DashScope; inferred from Anthropic's own protocol for that one",
        day=_INFERRED,
    ),
    Assumption(
        id="one-token",
        statement="`max_tokens: 1` is honoured, and such a call takes about 12 tokens in all.",
        depends=("catalogue/models.py",),
        safe="only models below a price ceiling are called, so that an answer of full length costs little, too",
        measured="the usage in the answers to the calls of `thinking-off`",
        source="inferred from the prompt's template",
        day=_INFERRED,
    ),
    Assumption(
        id="new-key-known-within",
        statement="A new key opens its workspace's host within a minute.",
        depends=("provider/keys/record_check.py",),
        safe="a denial in a key's first five minutes is asked about again for a minute, then refused; nothing is lost",
        measured="a new key is asked about until it is let in",
        source="no document says how long it takes",
        day=_INFERRED,
    ),
    Assumption(
        id="disabled-key-is-blocked",
        statement='A disabled key is refused with 401 "API-key is blocked.", unlike one that does not exist.',
        depends=(_MEANING,),
        safe="any 401 refuses; without that text the control plane is asked why",
        measured="a key is disabled and asked about until it is refused",
        source="d102",
        day=date(2026, 9, 21),
    ),
    Assumption(
        id="model-denied-403",
        statement="A key with a list of models that asks for another one gets 403 about the model.",
        depends=(_MEANING,),
        safe="such an answer proves neither host nor refusal",
        measured="a key with one model asks for another one, without content",
        source="d025, d026",
        day=date(2026, 8, 22),
    ),
    Assumption(
        id="ip-denial-wording",
        statement="A key that is called from an address outside its list gets 403 that speaks of an address or IP.",
        depends=(_MEANING,),
        safe="a 403 that is not recognised proves nothing, so nothing is delivered with `verify: required`",
        measured="a key for 203.0.113.0/24 is used from here",
        source="no such answer was published",
        day=_INFERRED,
    ),
    Assumption(
        id="x-api-key-not-taken",
        statement="The pay-as-you-go Anthropic path takes a bearer token, and no key in `x-api-key`.",
        depends=("provider/probe/http.py", "docs/decisions.md"),
        safe="the key is asked about and delivered as a bearer token alone (ANTHROPIC_AUTH_TOKEN)",
        measured="the workspace's key is sent in `x-api-key` alone",
        source="d100",
        day=date(2026, 3, 25),
    ),
)
