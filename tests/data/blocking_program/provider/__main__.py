"""Local plugin `blocking`: create touches `began` in the folder BLOCKING_DIRECTORY and waits for `leave` there."""

import asyncio
import os
import sys
from pathlib import Path

from pulumi.provider.experimental import provider as p
from pulumi.provider.experimental.server import main

DIRECTORY = Path(os.environ["BLOCKING_DIRECTORY"])


class Blocking(p.Provider):
    """The least that the engine asks of a plugin."""

    async def check(self, request: p.CheckRequest) -> p.CheckResponse:
        return p.CheckResponse(inputs=request.new_inputs)

    async def check_config(self, request: p.CheckRequest) -> p.CheckResponse:
        return p.CheckResponse(inputs=request.new_inputs)

    async def diff_config(self, request: p.DiffRequest) -> p.DiffResponse:
        del request
        return p.DiffResponse(changes=False)

    async def configure(self, request: p.ConfigureRequest) -> p.ConfigureResponse:
        del request
        return p.ConfigureResponse(
            accept_secrets=True, supports_preview=True, accept_resources=False, accept_outputs=False
        )

    async def diff(self, request: p.DiffRequest) -> p.DiffResponse:
        del request
        return p.DiffResponse(changes=False)

    async def create(self, request: p.CreateRequest) -> p.CreateResponse:
        if not request.preview:
            with (DIRECTORY / "began").open("a") as file:
                file.write("once more\n")
            while not (DIRECTORY / "leave").exists():  # noqa: ASYNC110 - a file has no event to wait for
                await asyncio.sleep(0.05)
        return p.CreateResponse(resource_id="1", properties=request.properties)

    async def delete(self, request: p.DeleteRequest) -> None:
        del request


if __name__ == "__main__":
    main(sys.argv[1:], "0.1.0", Blocking())
