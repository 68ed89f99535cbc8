"""What the words in an error of an inference host mean, and what to do (the vendor's error-code pages, plan FAQs)."""

from dataclasses import dataclass

_UNPAID = "the account has unpaid bills: pay them, then run this again"
_PLAN = "a plan's key on a pay-as-you-go URL, or the other way round: use the URL of the key's own plan"


@dataclass(frozen=True, kw_only=True)
class Cause:
    """What one word in the code or message of an error means."""

    sign: str
    """In small letters."""
    text: str
    status: tuple[int, ...] | None = (401, 403)
    """Statuses with which it means that; None: any error, since the key was let in but none of its calls will be."""


CAUSES = (
    Cause(
        sign="unpurchased",
        text="Model Studio is not activated for this account: activate it once in the console",
        status=None,
    ),
    Cause(
        sign="commoditynotpurchased",
        text="the account has not bought this: look at its plans in the console",
        status=None,
    ),
    Cause(sign="arrearage", text=_UNPAID, status=None),
    Cause(sign="billoverdue", text=_UNPAID, status=None),
    Cause(
        sign="freetieronly",
        text="the free quota is used up and the account allows nothing else: change that in the console",
        status=None,
    ),
    Cause(sign="token expired", text=_PLAN),
    # With 401 the same words are the native protocol's for any wrong key.
    Cause(sign="invalid api-key", text=_PLAN, status=(403,)),
    Cause(
        sign="not authorized",
        text="the workspace does not take this key: it is another one's, or the workspace is gone",
    ),
    Cause(
        sign="workspace",
        text="the workspace does not allow it: key and host belong to different workspaces, or it is gone",
    ),
)


def known_cause(status: int, code: str, message: str) -> Cause | None:
    """Return the cause that an error names; None when it names none."""
    said = f"{code} {message}".lower()
    return next((c for c in CAUSES if c.sign in said and (c.status is None or status in c.status)), None)


def unnamed(status: int) -> str:
    """Return what a refusal without a telling word can mean."""
    if status == 401:
        return (
            "the key is unknown, disabled or deleted, or it belongs to another workspace, region or billing plan "
            "than this URL"
        )
    return "the key may not do this: look at its models and allowed_ips"
