"""An account in the emulator, a stack file that points at it, and the engine: what an integration test starts from."""

import copy
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.emulator_process import EmulatorProcess
from tests.engine_harness import EngineStack, Run
from tests.provider.vendor import Console
from tools.engine import Engine
from tools.local import ports

SECRET = "test/gateway"
CONFIG_MAP = "gateway_model_studio"
NAMESPACE = "cn-beijing:test"
DAY = 86400
MSE_INSTANCE = "mse-test"
NACOS_NAMESPACE = "team"


def settings_for(emulator: EmulatorProcess) -> dict[str, Any]:
    """Return a stack file with one service of two protocols, a secret sink and a config sink."""
    by_region = {region: emulator.region_url(region) for region in emulator.regions}
    return {
        "account": {"id": "1234567890123456", "type": "International"},
        "workspaces": {"chat": {"region": "cn-beijing", "models": ["qwen-plus", "qwen-turbo"], "protect": False}},
        "services": {
            "gateway": {
                "workspace": "chat",
                "protocols": ["openai", "anthropic"],
                "key": {"models": ["qwen-plus"], "open_to_world": True},
                "secrets": [{"kms": {"name": SECRET}}],
                "config": [{"sae": {"namespace": NAMESPACE, "config_map": CONFIG_MAP}}],
            }
        },
        "secret_deletion": {"recovery_window_days": 7},
        "endpoints": {
            "control_plane": by_region,
            "kms": by_region,
            "sae": by_region,
            "oos": by_region,
            "mse": by_region,
            "sts": emulator.url,
            "inference": emulator.inference,
        },
    }


@dataclass
class World:
    """One account and one stack on it."""

    emulator: EmulatorProcess
    stack: EngineStack
    settings: dict[str, Any]

    @classmethod
    def make(cls, directory: Path, engine: Engine) -> "World":
        """Start the emulator, on ports that nobody takes while it is stopped, and make the stack."""
        regions = ports.free()
        main = regions.pop(ports.MAIN)
        emulator = EmulatorProcess.start(
            directory / "emulator",
            sae_namespace=NAMESPACE,
            mse_instance=[f"cn-beijing:{MSE_INSTANCE}"],
            nacos_namespace=[f"{MSE_INSTANCE}:{NACOS_NAMESPACE}"],
            port=main,
            region_port=regions,
        )
        settings = settings_for(emulator)
        stack = EngineStack(directory / "stack", engine, settings=settings, standin=True)
        return cls(emulator, stack, settings)

    @property
    def console(self) -> Console:
        """Another hand in the same account."""
        return Console(self.emulator)

    def close(self) -> None:
        """End everything."""
        self.stack.close()
        self.emulator.stop()

    def write(self, path: str, value: Any) -> None:
        """Change one place in the stack file."""
        self.settings = copy.deepcopy(self.settings)
        at: Any = self.settings
        *parents, last = path.split(".")
        for part in parents:
            at = at[part]
        at[last] = value
        self.stack.configure({"model-studio:settings": self.settings})

    def later(self, days: float) -> None:
        """Let everybody's clock, the services' and the plugin's, be so many days later than now."""
        self.emulator.settings(clock_offset_s=days * DAY)
        self.write("endpoints.clock_offset", days * DAY)

    def gateway(self) -> dict[str, Any]:
        """Return the outputs of the one service, as they lie on the disk: a run of the engine takes its time."""
        (stack,) = self.resources("pulumi:pulumi:Stack")
        outputs: dict[str, Any] = stack["outputs"]["services"]["gateway"]
        return outputs

    def resources(self, type_: str) -> list[dict[str, Any]]:
        """Return what the state on the disk holds of a type."""
        return [r for r in self.stack.stored()["resources"] if r["type"] == type_]

    def key_states(self) -> dict[str, str]:
        """Return `live` or `disabled` by id of every key that exists."""
        keys = self.emulator.admin("GET", "/state")["keys"]
        return {str(key["key_id"]): "disabled" if key["disabled"] else "live" for key in keys}

    def counted(self, run: str, *arguments: str) -> tuple[Run, list[str]]:
        """Run one command; return it with the operations that the services received."""
        before = len(self.emulator.calls())
        done: Run = getattr(self.stack, run)(*arguments)
        return done, [str(call["operation"]) for call in self.emulator.calls(before)]

    def record(self) -> dict[str, str]:
        """Return what a consumer reads from KMS."""
        held: dict[str, str] = json.loads(self.console.secret(SECRET)[1])
        return held

    def config(self) -> dict[str, str]:
        """Return what a consumer reads from SAE."""
        (found,) = [c for c in self.emulator.admin("GET", "/state")["config_maps"] if c["name"] == CONFIG_MAP]
        held: dict[str, str] = found["data"]
        return held

    def live_keys(self) -> set[str]:
        """Return the ids of all keys that open something."""
        return {str(key["key_id"]) for key in self.emulator.admin("GET", "/state")["keys"] if not key["disabled"]}

    def workspaces(self) -> dict[str, str]:
        """Return name by id of the workspaces that somebody made."""
        return self.console.workspaces()
