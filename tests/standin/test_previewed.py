"""Types that the stand-in previews, and refuses to make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2 as pb

from emulator.standin.plugin import KNOWN, TYPES
from tests.standin.engine_double import struct

if TYPE_CHECKING:
    from tests.standin.conftest import Connect

PREVIEWED = sorted(set(KNOWN) - set(TYPES))
NAME = "urn:pulumi:dev::p::{}::res"


def test_there_are_some() -> None:
    assert PREVIEWED == ["alicloud:fc/v3Function:V3Function", "alicloud:sae/application:Application"]


@pytest.mark.parametrize("token", PREVIEWED)
def test_a_preview_shows_the_inputs(connect: Connect, provider_args: dict[str, Any], token: str) -> None:
    stub = connect(provider_args).stub
    made = stub.Create(pb.CreateRequest(urn=NAME.format(token), properties=struct({"handler": "h"}), preview=True))
    assert made.properties["handler"] == "h"


@pytest.mark.parametrize("token", PREVIEWED)
@pytest.mark.parametrize("method", ["Create", "Read", "Update", "Delete"])
def test_everything_else_is_refused(connect: Connect, provider_args: dict[str, Any], token: str, method: str) -> None:
    request = getattr(pb, f"{method}Request")(urn=NAME.format(token))
    with pytest.raises(grpc.RpcError, match=f"only previews {token}"):
        getattr(connect(provider_args).stub, method)(request)
