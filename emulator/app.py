"""The ASGI application: who is called, does a fault strike, what is answered, what is recorded."""

import json
import traceback
import uuid
from asyncio import sleep
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route

from emulator import inference, kms, modelstudio, mse, oos, sae, sts
from emulator.admin import Admin
from emulator.calls import CallLog, digest
from emulator.faults import CutResponse, Fault, Faults, SwitchedResponse, TruncatedResponse
from emulator.hosts import MAIN_REGION
from emulator.inference.protocol import Denied
from emulator.openapi import Call, Operation, Product, Refusal, refusal_body
from emulator.signatures import Signed, verify
from emulator.state import Store

_OPERATIONS: tuple[Operation, ...] = (
    *modelstudio.OPERATIONS,
    *kms.OPERATIONS,
    *oos.OPERATIONS,
    *sae.OPERATIONS,
    *mse.OPERATIONS,
    *sts.OPERATIONS,
)
_RPC = {(op.version, op.action): op for op in _OPERATIONS if op.path == "/"}
_ROA = [op for op in _OPERATIONS if op.path != "/"]

_METHODS = ["GET", "POST", "PUT", "DELETE"]
_EVENTS = "text/event-stream;charset=UTF-8"


@dataclass(kw_only=True)
class _Heading:
    """What of a call is recorded."""

    product: Product
    operation: str
    region: str
    params: dict[str, str]


class Emulator:
    """All services over one state."""

    def __init__(self, store: Store, stop: Callable[[], None]) -> None:
        """Serve `store`; `stop` ends the server."""
        self._store = store
        self._calls = CallLog(store.directory)
        self._faults = Faults()
        self._replays = inference.Replays()
        self._admin = Admin(store, self._calls, self._faults, self._replays, stop)
        self.region_of_port: Mapping[int, str] = {}
        """Set once the ports are known."""

    def app(self) -> Starlette:
        """Return the ASGI application."""
        return Starlette(
            routes=[
                Mount("/_admin", routes=self._admin.routes()),
                Route("/_host/{host}/{path:path}", self._inference, methods=_METHODS),
                Route("/nacos/v1/cs/configs", self._nacos, methods=["GET"]),
                Route("/{path:path}", self._openapi, methods=_METHODS),
            ]
        )

    async def _openapi(self, request: Request) -> Response:
        signed = await _signed(request)
        params = {**signed.query, **signed.form}
        operation, path_id = _find(signed, params)
        region = self._region(request)
        request_id = str(uuid.uuid4()).upper()

        def refused(refusal: Refusal, headers: Mapping[str, str] | None = None) -> Response:
            return JSONResponse(refusal_body(refusal, request_id), refusal.status, headers)

        def answered() -> Response:
            if operation is None:
                return refused(Refusal(404, "InvalidApiOrAction", "The specified API or action is not found."))
            try:
                caller = verify(signed, self._store)
                call = Call(store=self._store, caller=caller, region=region, params=params, path_id=path_id)
                answer = operation.run(call, request_id)
            except Refusal as refusal:
                return refused(refusal)
            return JSONResponse(answer.body, answer.status, answer.headers)

        heading = _Heading(
            product=operation.product if operation else "modelstudio",
            operation=operation.action if operation else "unknown",
            region=region,
            params=params,
        )
        return await self._exchange(request, heading, answered, lambda f: refused(f.refusal, f.headers))

    async def _inference(self, request: Request) -> Response:
        asked = inference.read(
            inference.Request(
                method=request.method,
                host_name=request.path_params["host"],
                path=f"/{request.path_params['path']}",
                query=request.query_params,
                headers=request.headers,
                peer=request.client.host if request.client else "127.0.0.1",
                body=await request.body(),
            ),
            self._store,
        )
        request_id = str(uuid.uuid4())
        credential = inference.credential(request.headers, request.query_params)
        heading = _Heading(
            product="inference",
            operation=asked.route.operation,
            region=asked.region,
            params={"user_agent": request.headers.get("user-agent", "")}
            | ({"key": digest(credential)} if credential else {}),
        )

        def denied(denial: Denied, headers: Mapping[str, str] | None = None) -> Response:
            body = asked.error_body(denial, request_id)
            if body is None:
                return Response(None, denial.status, headers)
            return JSONResponse(body, denial.status, headers)

        def answered() -> Response:
            try:
                reply = asked.answer(self._store, self._replays)
            except Denied as denial:
                return denied(denial)
            heading.params |= reply.logged
            if isinstance(reply, inference.Raw) and reply.status == 101:
                return SwitchedResponse(reply.headers)
            if isinstance(reply, inference.Raw):
                return Response(reply.content, reply.status, reply.headers)
            if reply.events:
                # The content type as seen 2026-02-27, d011.
                return StreamingResponse(_each(reply.events), headers={"content-type": _EVENTS})
            return JSONResponse(reply.body)

        def failed(fault: Fault) -> Response:
            refusal = fault.refusal
            return denied(Denied(refusal.status, refusal.code, refusal.message), fault.headers)

        return await self._exchange(request, heading, answered, failed)

    async def _nacos(self, request: Request) -> Response:
        region, params = self._region(request), dict(request.query_params)

        def answered() -> Response:
            status, text = mse.consumed(self._store, region, params)
            return PlainTextResponse(text, status)

        def failed(fault: Fault) -> Response:
            return PlainTextResponse(fault.refusal.message, fault.refusal.status, fault.headers)

        heading = _Heading(product="mse", operation="nacos:config", region=region, params=params)
        return await self._exchange(request, heading, answered, failed)

    def _region(self, request: Request) -> str:
        return self.region_of_port.get(request.scope["server"][1], MAIN_REGION)

    async def _exchange(
        self,
        request: Request,
        heading: _Heading,
        answered: Callable[[], Response],
        failed: Callable[[Fault], Response],
    ) -> Response:
        """Answer one call as the fault that strikes it wants; keep the change and record the call before it travels."""
        fault = self._faults.take(heading.product, heading.operation)
        kind = fault.kind if fault else None
        defect = None
        if fault and kind == "delay":
            await sleep(fault.seconds)
        if kind in ("refuse", "cut_before"):
            response: Response = CutResponse(reset=kind == "refuse")
        elif fault and kind in ("429", "500"):
            response = failed(fault)
        else:
            try:
                response = answered()
            except Exception as exc:  # noqa: BLE001 - a defect here must be told apart from an answer of the service
                defect = _place(exc)
                response = JSONResponse({"Code": "EmulatorDefect", "Message": defect}, 500)
            self._store.save()
            if kind == "cut_after":
                response = CutResponse(reset=False)
            elif kind == "truncate":
                response = TruncatedResponse(response)
        self._calls.add(
            product=heading.product,
            operation=heading.operation,
            region=heading.region,
            method=request.method,
            path=request.url.path,
            params=heading.params,
            status=0 if isinstance(response, CutResponse) else response.status_code,
            fault=f"internal: {defect}" if defect else kind,
        )
        return response


async def _signed(request: Request) -> Signed:
    body = await request.body()
    headers = {name.lower(): value for name, value in request.headers.items()}
    kind = headers.get("content-type", "").partition(";")[0]
    form: dict[str, str] = {}
    if kind == "application/x-www-form-urlencoded":
        form = dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    elif kind == "application/json" and body:
        form = _json_params(body)
    return Signed(
        method=request.method,
        path=request.scope["raw_path"].decode(),
        query=dict(parse_qsl(request.scope["query_string"].decode(), keep_blank_values=True)),
        form=form,
        headers=headers,
        body=body,
    )


def _json_params(body: bytes) -> dict[str, str]:
    """Read the parameters that some SDKs send as a JSON object."""
    try:
        parsed: Any = json.loads(body)
        return {str(name): str(value) for name, value in parsed.items()}
    except (ValueError, AttributeError):
        return {}


def _find(signed: Signed, params: Mapping[str, str]) -> tuple[Operation | None, str]:
    """Return the operation that a request asks for and the `{id}` in its path."""
    version = params.get("Version") or signed.headers.get("x-acs-version", "")
    if signed.path == "/":
        return _RPC.get((version, params.get("Action") or signed.headers.get("x-acs-action", ""))), ""
    segments = signed.path.split("/")
    for operation in _ROA:
        wanted = operation.path.split("/")
        if (operation.version, operation.method, len(wanted)) == (version, signed.method, len(segments)) and all(
            w in ("{id}", s) for w, s in zip(wanted, segments, strict=True)
        ):
            return operation, unquote(segments[wanted.index("{id}")]) if "{id}" in wanted else ""
    return None, ""


async def _each(events: Iterable[str]) -> AsyncIterator[str]:
    for event in events:
        yield event


def _place(exc: Exception) -> str:
    """Say where a defect is; its message might hold a secret and is left out."""
    frame = traceback.extract_tb(exc.__traceback__)[-1]
    return f"{type(exc).__name__} at {frame.name}:{frame.lineno}"
