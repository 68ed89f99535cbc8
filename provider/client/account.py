"""Whose credentials these are, asked once per process and before anything is written."""

import os
import threading

from provider.client.errors import ServiceError
from provider.client.sdk import Operation, Sdk

GET_CALLER_IDENTITY = Operation(product="sts", version="2015-04-01", action="GetCallerIdentity")

_ALICLOUD_NAMES = ("ALICLOUD_ACCESS_KEY", "ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABACLOUD_ACCESS_KEY_ID")
"""Where the alicloud provider looks for an access key id, first come first served."""


class Account:
    """The account that the stack file names, compared with the one that the credentials belong to."""

    def __init__(self, sdk: Sdk, expected: str, *, explicit: bool) -> None:
        """Compare with account id `expected`; `explicit`: a profile or role is given to both providers alike."""
        self._sdk = sdk
        self._expected = expected
        self._explicit = explicit
        self._known = False
        self._lock = threading.Lock()

    def check(self, region: str) -> None:
        """Raise ServiceError unless the caller is the account that the stack file names. Asks once."""
        with self._lock:
            if not self._known:
                self._ask(region)
                self._known = True

    def _ask(self, region: str) -> None:
        if not self._explicit:
            self._check_same_key()
        answer = self._sdk.call(GET_CALLER_IDENTITY, region)
        found = str(answer.get("AccountId") or "")
        if found != self._expected:
            raise ServiceError(
                "account",
                "refused",
                f"the credentials belong to account {found}, but the stack file says account.id {self._expected}; "
                "nothing was changed. Use that account's credentials, or correct account.id",
            )

    def _check_same_key(self) -> None:
        """Refuse an environment that would give the alicloud provider another access key than this plugin."""
        theirs = next((os.environ[n] for n in _ALICLOUD_NAMES if os.environ.get(n)), "")
        if theirs and theirs != self._sdk.access_key_id():
            raise ServiceError(
                "account",
                "refused",
                "the environment gives the alicloud provider another access key (ALICLOUD_ACCESS_KEY) than the "
                "vendor's default chain (ALIBABA_CLOUD_ACCESS_KEY_ID); set only one of them",
            )
