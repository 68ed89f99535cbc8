"""Start the plugin: the engine runs `python provider/ <engine address>`."""

import logging
import os
import sys
from pathlib import Path

# The engine puts only this folder on the path; the package is the folder, so its parent must be there instead.
sys.path[0] = str(Path(__file__).resolve().parent.parent)
# With DEBUG=sdk the vendor's SDK prints headers, the signature and the security token among them.
os.environ.pop("DEBUG", None)
# It also logs tracebacks, which the engine would show; what went wrong is in the error that the caller gets.
logging.disable(logging.CRITICAL)

from provider.client.sdk import remember_environment  # noqa: E402 - the path has to be set first
from provider.handlers import handlers  # noqa: E402 - the path has to be set first
from provider.plugin import Plugin  # noqa: E402 - the path has to be set first
from provider.wire import main  # noqa: E402 - the path has to be set first

if __name__ == "__main__":
    remember_environment()
    main(Plugin(handlers()), sys.argv[1:])
