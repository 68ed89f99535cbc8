"""What the vendor's documents publish, typed in from them independently of the catalogue and of the emulator."""

from typing import NamedTuple


class Published(NamedTuple):
    """One base URL; `{WorkspaceId}` as the page writes it."""

    domain: str
    region: str
    protocol: str
    url: str


# The page "Base URL Overview" of 2026-06-30, in its order.
_PAGE = """
shared cn-beijing openai https://dashscope.aliyuncs.com/compatible-mode/v1
shared cn-beijing anthropic https://dashscope.aliyuncs.com/apps/anthropic
shared ap-southeast-1 openai https://dashscope-intl.aliyuncs.com/compatible-mode/v1
shared ap-southeast-1 anthropic https://dashscope-intl.aliyuncs.com/apps/anthropic
shared us-east-1 openai https://dashscope-us.aliyuncs.com/compatible-mode/v1
shared us-east-1 anthropic https://dashscope-us.aliyuncs.com/apps/anthropic
shared cn-hongkong openai https://cn-hongkong.dashscope.aliyuncs.com/compatible-mode/v1
shared cn-hongkong anthropic https://cn-hongkong.dashscope.aliyuncs.com/apps/anthropic
dedicated cn-beijing openai https://{WorkspaceId}.cn-beijing.maas.aliyuncs.com/compatible-mode/v1
dedicated cn-beijing anthropic https://{WorkspaceId}.cn-beijing.maas.aliyuncs.com/apps/anthropic
dedicated ap-southeast-1 openai https://{WorkspaceId}.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1
dedicated ap-southeast-1 anthropic https://{WorkspaceId}.ap-southeast-1.maas.aliyuncs.com/apps/anthropic
dedicated ap-northeast-1 openai https://{WorkspaceId}.ap-northeast-1.maas.aliyuncs.com/compatible-mode/v1
dedicated ap-northeast-1 anthropic https://{WorkspaceId}.ap-northeast-1.maas.aliyuncs.com/apps/anthropic
dedicated eu-central-1 openai https://{WorkspaceId}.eu-central-1.maas.aliyuncs.com/compatible-mode/v1
dedicated eu-central-1 anthropic https://{WorkspaceId}.eu-central-1.maas.aliyuncs.com/apps/anthropic
dedicated cn-hongkong openai https://{WorkspaceId}.cn-hongkong.maas.aliyuncs.com/compatible-mode/v1
dedicated cn-hongkong anthropic https://{WorkspaceId}.cn-hongkong.maas.aliyuncs.com/apps/anthropic
trial cn-beijing openai https://trial.cn-beijing.maas.aliyuncs.com/compatible-mode/v1
trial cn-beijing anthropic https://trial.cn-beijing.maas.aliyuncs.com/apps/anthropic
trial ap-southeast-1 openai https://trial.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1
trial ap-southeast-1 anthropic https://trial.ap-southeast-1.maas.aliyuncs.com/apps/anthropic
trial cn-hongkong openai https://trial.cn-hongkong.maas.aliyuncs.com/compatible-mode/v1
trial cn-hongkong anthropic https://trial.cn-hongkong.maas.aliyuncs.com/apps/anthropic
token_plan ap-southeast-1 openai https://token-plan.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1
token_plan ap-southeast-1 anthropic https://token-plan.ap-southeast-1.maas.aliyuncs.com/apps/anthropic
coding_plan ap-southeast-1 openai https://coding-intl.dashscope.aliyuncs.com/v1
coding_plan ap-southeast-1 anthropic https://coding-intl.dashscope.aliyuncs.com/apps/anthropic
"""
# What was published since: the site and the day of the document stand at the end of each line.
_LATER = """
dedicated us-east-1 openai https://{WorkspaceId}.us-east-1.maas.aliyuncs.com/compatible-mode/v1 alibabacloud 2026-10-11
dedicated us-east-1 anthropic https://{WorkspaceId}.us-east-1.maas.aliyuncs.com/apps/anthropic alibabacloud 2026-10-11
shared us-east-1 openai https://dashscope-us.aliyuncs.com/compatible-mode/v1 alibabacloud 2026-10-11
shared us-east-1 anthropic https://dashscope-us.aliyuncs.com/apps/anthropic alibabacloud 2026-10-11
token_plan cn-beijing openai https://token-plan.cn-beijing.maas.aliyuncs.com/compatible-mode/v1 aliyun 2026-10-11
token_plan cn-beijing anthropic https://token-plan.cn-beijing.maas.aliyuncs.com/apps/anthropic aliyun 2026-10-11
coding_plan cn-beijing openai https://coding.dashscope.aliyuncs.com/v1 aliyun 2026-10-11
coding_plan cn-beijing anthropic https://coding.dashscope.aliyuncs.com/apps/anthropic aliyun 2026-10-11
dedicated cn-beijing dashscope https://{WorkspaceId}.cn-beijing.maas.aliyuncs.com/api/v1 alibabacloud 2026-10-11
dedicated ap-southeast-1 dashscope https://{WorkspaceId}.ap-southeast-1.maas.aliyuncs.com/api/v1 alibabacloud 2026-10-11
dedicated ap-northeast-1 dashscope https://{WorkspaceId}.ap-northeast-1.maas.aliyuncs.com/api/v1 alibabacloud 2026-10-11
dedicated eu-central-1 dashscope https://{WorkspaceId}.eu-central-1.maas.aliyuncs.com/api/v1 alibabacloud 2026-10-11
dedicated cn-hongkong dashscope https://{WorkspaceId}.cn-hongkong.maas.aliyuncs.com/api/v1 alibabacloud 2026-10-11
dedicated us-east-1 dashscope https://{WorkspaceId}.us-east-1.maas.aliyuncs.com/api/v1 alibabacloud 2026-10-11
shared cn-beijing dashscope https://dashscope.aliyuncs.com/api/v1 alibabacloud 2026-10-11
shared ap-southeast-1 dashscope https://dashscope-intl.aliyuncs.com/api/v1 alibabacloud 2026-10-11
shared us-east-1 dashscope https://dashscope-us.aliyuncs.com/api/v1 alibabacloud 2026-10-11
shared cn-hongkong dashscope https://cn-hongkong.dashscope.aliyuncs.com/api/v1 alibabacloud 2026-10-11
trial cn-beijing dashscope https://trial.cn-beijing.maas.aliyuncs.com/api/v1 alibabacloud 2026-10-11
trial ap-southeast-1 dashscope https://trial.ap-southeast-1.maas.aliyuncs.com/api/v1 alibabacloud 2026-10-11
trial cn-hongkong dashscope https://trial.cn-hongkong.maas.aliyuncs.com/api/v1 alibabacloud 2026-10-11
"""

# Websockets: the documents write each of these with the path `/api-ws/v1/inference`.
_WEBSOCKETS = """
dedicated cn-beijing realtime wss://{WorkspaceId}.cn-beijing.maas.aliyuncs.com alibabacloud 2026-09-28
dedicated ap-southeast-1 realtime wss://{WorkspaceId}.ap-southeast-1.maas.aliyuncs.com alibabacloud 2026-09-28
dedicated cn-hongkong realtime wss://{WorkspaceId}.cn-hongkong.maas.aliyuncs.com alibabacloud 2026-10-11
dedicated ap-northeast-1 realtime wss://{WorkspaceId}.ap-northeast-1.maas.aliyuncs.com alibabacloud 2026-11-25
shared cn-beijing realtime wss://dashscope.aliyuncs.com aliyun 2026-10-11
shared cn-hongkong realtime wss://cn-hongkong.dashscope.aliyuncs.com alibabacloud 2026-10-11
shared us-east-1 realtime wss://dashscope-us.aliyuncs.com alibabacloud 2026-10-11
"""


def _lines(text: str) -> list[list[str]]:
    return [line.split() for line in text.split("\n") if line]


def _websocket(domain: str, region: str, protocol: str, host: str) -> Published:
    return Published(domain, region, protocol, f"{host}/api-ws/v1/inference")


ON_THE_PAGE = [Published(*words) for words in _lines(_PAGE)]
SINCE = [
    *((Published(*words[:4]), words[4], words[5]) for words in _lines(_LATER)),
    *((_websocket(*words[:4]), words[4], words[5]) for words in _lines(_WEBSOCKETS)),
]
ALL = sorted({*ON_THE_PAGE, *(row for row, _, _ in SINCE)})
