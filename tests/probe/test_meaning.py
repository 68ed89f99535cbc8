"""What one answer means: status, then code, then message."""

from __future__ import annotations

from typing import get_args

import pytest

from provider.probe.answer import Answer
from provider.probe.meaning import LET_IN, OPENS, REFUSED, STOPPED, Meaning, meaning_of

CASES: list[tuple[int, str, str, Meaning]] = [
    (0, "", "ConnectTimeout", "no_answer"),
    (401, "", "", "key_refused"),
    (401, "invalid_api_key", "Incorrect API key provided. ", "key_refused"),
    (401, "InvalidApiKey", "Invalid API-key provided.", "key_refused"),
    (401, "", "invalid access token or token expired", "key_refused"),
    (401, "", "NOT AUTHORIZED", "key_refused"),
    (401, "InvalidApiKey", "API-key is blocked.", "key_blocked"),
    (401, "InvalidApiKey", "The API key has been disabled.", "key_blocked"),
    (403, "InvalidApiKey", "API-key is blocked.", "key_blocked"),
    (403, "", "Your request has been blocked by the firewall", "unclear"),
    (403, "", "invalid api-key", "key_refused"),
    (403, "access_denied", "Workspace endpoint access denied.", "endpoint_denied"),
    (403, "Endpoint.AccessDenied", "", "endpoint_denied"),
    (403, "permission_error", "Workspace endpoint access denied", "endpoint_denied"),
    (403, "Workspace.AccessDenied", "Workspace access denied.", "workspace_denied"),
    (403, "", "Workspace access denied.", "workspace_denied"),
    (403, "", "This workspace may not do that", "unclear"),
    (403, "permission_denied", "You have no permission to access this workspace", "workspace_denied"),
    (403, "", "The workspace has no permission to call the model", "model_denied"),
    (403, "", "This key is not allowed at this endpoint", "unclear"),
    (403, "", "Endpoint denied: WAF rule 12", "unclear"),
    (403, "Model.AccessDenied", "The model's workspace endpoint is denied", "model_denied"),
    (403, "model_disabled", "The model qwen-plus is disabled for this API key.", "model_denied"),
    (403, "", "Request blocked by policy: no valid key material found", "unclear"),
    (429, "insufficient_quota", "Free allocated quota exceeded.", "free_tier"),
    (400, "Throttling.AllocationQuota", "Free allocated quota exceeded.", "free_tier"),
    (400, "InvalidParameter.WorkspaceId", "", "unclear"),
    (400, "InvalidApiKey", "the parameter is wrong", "unclear"),
    (400, "", "a text in a field stops here", "unclear"),
    (403, "Model.AccessDenied", "Model access denied.", "model_denied"),
    (403, "", "Access to model denied.", "model_denied"),
    (403, "AccessDenied.Unpurchased", "Access to model denied.", "not_purchased"),
    (403, "AllocationQuota.FreeTierOnly", "The free tier is used up", "free_tier"),
    (403, "AccessDenied", "The IP address is not in the access whitelist of the API key.", "address_denied"),
    (403, "AccessDenied", "Access denied.", "unclear"),
    (403, "access_denied", "", "unclear"),
    (403, "App.AccessDenied", "App access denied.", "unclear"),
    (404, "model_not_found", "The model `x` does not exist", "model_unknown"),
    (404, "InvalidParameter", "Model not exist.", "model_unknown"),
    (404, "not_found_error", "model: x", "model_unknown"),
    (404, "model_not_supported", "Unsupported", "model_unknown"),
    (404, "", "", "no_path"),
    (404, "NotFound", "The requested path /v1/models does not exist", "no_path"),
    (404, "WorkSpaceNotFound", "", "unclear"),
    (400, "InvalidParameter", "Model not exist.", "model_unknown"),
    (400, "", "Model not exist", "model_unknown"),
    (400, "", "Unsupported model `x` for OpenAI compatibility mode.", "model_unknown"),
    (400, "invalid_request_error", "you must provide a model parameter", "body_refused"),
    (400, "InvalidParameter", "messages: at least one is needed for the model to answer", "body_refused"),
    (400, "InvalidParameter", "", "body_refused"),
    (400, "invalid_parameter_error", "<400> InternalError.Algo.InvalidParameter: tool_choice", "body_refused"),
    (400, "invalid_request_error", "messages: Field required", "body_refused"),
    (400, "invalid_request_error", "something is wrong", "unclear"),
    (400, "BadRequest.EmptyWorkspace", "", "unclear"),
    (400, "", "", "unclear"),
    (400, "Arrearage", "Access denied", "unpaid"),
    (400, "invalid_request_error", "please make sure your account is in good standing", "unpaid"),
    (429, "PostpaidBillOverdue", "", "unpaid"),
    (429, "PrepaidBillOverdue", "", "unpaid"),
    (429, "CommodityNotPurchased", "", "not_purchased"),
    (429, "insufficient_quota", "You exceeded your current quota", "throttled"),
    (429, "", "", "throttled"),
    (402, "Arrearage", "", "unclear"),
    (405, "", "Coding Plan is currently only available for Coding Agents", "client_refused"),
    (405, "InvalidParameter", "Method not allowed", "unclear"),
    (409, "InvalidParameter", "", "unclear"),
    (415, "InvalidParameter", "", "unclear"),
    (421, "model_not_found", "", "unclear"),
    (422, "InvalidParameter", "messages", "unclear"),
    (302, "", "", "unclear"),
    (500, "model_not_found", "", "unclear"),
    (503, "", "", "unclear"),
    (200, "", "", "unclear"),
    (204, "", "", "unclear"),
    (200, "InvalidApiKey", "a success that holds an error", "unclear"),
]


@pytest.mark.parametrize(("status", "code", "message", "meaning"), CASES)
def test_an_answer_means(status: int, code: str, message: str, meaning: Meaning) -> None:
    assert meaning_of(Answer(status=status, code=code, message=message)) == meaning


def test_a_success_means_what_it_holds() -> None:
    assert meaning_of(Answer(status=200, result="model_answer")) == "model_answered"
    assert meaning_of(Answer(status=200, result="models")) == "models_listed"
    assert meaning_of(Answer(status=500, result="model_answer")) == "unclear"
    assert meaning_of(Answer(status=101, result="websocket")) == "handshake_accepted"


def test_every_meaning_has_a_case_and_none_is_of_two_minds() -> None:
    assert set(get_args(Meaning)) == {case[3] for case in CASES} | {
        "model_answered",
        "models_listed",
        "handshake_accepted",
    }
    assert not LET_IN & REFUSED
    assert not OPENS & STOPPED
