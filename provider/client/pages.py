"""Lists of the control plane, page after page."""

from collections.abc import Iterator, Mapping

from provider.client.errors import ServiceError
from provider.client.sdk import Operation, Sdk
from provider.client.shapes import Json, as_objects

_PAGE = "50"


def pages(sdk: Sdk, operation: Operation, region: str, query: Mapping[str, str], items: str) -> Iterator[Json]:
    """Return the objects under `items` of every page; empty parameters are left out. Raises ServiceError."""
    given = {name: value for name, value in query.items() if value}
    token = ""
    while True:
        page = {"maxResults": _PAGE} | ({"nextToken": token} if token else {})
        answer = sdk.call(operation, region, query=given | page)
        if not isinstance(answer.get(items) or [], list):
            raise ServiceError(operation.action, "lost", f"the answer's {items} is not a list")
        yield from as_objects(answer.get(items))
        following = str(answer.get("nextToken") or "")
        if not following or following == token:  # ASSUMPTION list-ends-without-token
            return
        token = following
