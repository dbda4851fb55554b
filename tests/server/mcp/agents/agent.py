"""An agent of OpenAI's framework, offline: a script in the place of the model calls the tools."""

import asyncio
import itertools
import json
import os
import sys

from agents import Agent, Model, ModelResponse, Runner, Usage, set_tracing_disabled
from agents.mcp import MCPServerStdio, MCPServerStreamableHttp
from openai.types.responses import (
    ResponseFunctionToolCall,
    ResponseOutputMessage,
    ResponseOutputText,
)

SKU = os.environ["SKU"]
USER = {
    "serviceId": SKU,
    "displayName": "Any Name",
    "mailNickname": "agent",
    "password": "Canary-7f3a-PASS!",
    "usageLocation": "AM",
}
NOBODY = {"serviceId": SKU, "userPrincipalName": "nobody@contoso.onmicrosoft.com"}
CALLS = [
    ("get-available-license-count", {"serviceId": SKU}),
    ("create-user", {**USER, "plan": True}),
    ("create-user", USER),
    ("create-user", USER),
    ("assign-license-to-existing-user", NOBODY),
    ("create-user", {**USER, "usageLocation": 7}),
]


class Script(Model):
    """Makes the calls one after the other, and keeps what a model would be sent."""

    def __init__(self):
        self.turns = itertools.count()
        self.tools = []
        self.seen = []

    async def get_response(self, *, input, tools, **_):
        self.tools = tools
        self.seen = [item["output"] for item in input if item.get("type") == "function_call_output"]
        turn = next(self.turns)
        if turn < len(CALLS):
            name, arguments = CALLS[turn]
            output = ResponseFunctionToolCall(
                type="function_call",
                call_id=f"call-{turn}",
                name=name,
                arguments=json.dumps(arguments),
            )
        else:
            output = ResponseOutputMessage(
                type="message",
                id="end",
                role="assistant",
                status="completed",
                content=[ResponseOutputText(type="output_text", text="done", annotations=[])],
            )
        return ModelResponse(output=[output], usage=Usage(), response_id=None)

    def stream_response(self, **_):
        raise NotImplementedError


def server():
    # By default a call has five seconds.
    patience = {"client_session_timeout_seconds": 60}
    if command := os.environ.get("O365"):
        # By default the server gets few of the variables.
        start = {"command": command, "args": ["mcp", "--simulate"], "env": dict(os.environ)}
        return MCPServerStdio(start, **patience)
    headers = {"Authorization": "Bearer " + os.environ["KEY"]}
    address = {"url": os.environ["URL"] + "/mcp", "headers": headers, "timeout": 60}
    return MCPServerStreamableHttp(address, **patience)


def read(output):
    """What the model reads of a result: a text, or a list of one."""
    text = output if isinstance(output, str) else output[0]["text"]
    assert USER["password"] not in text, text
    return json.loads(text)


async def main():
    set_tracing_disabled(True)
    script = Script()
    async with server() as tools:
        agent = Agent(name="agent", model=script, mcp_servers=[tools])
        await Runner.run(agent, "Create a user.")
    assert len(script.seen) == len(CALLS), script.seen
    count, plan, first, again, missing, wrong = map(read, script.seen)
    assert plan["plan"]["writes"] and "result" not in plan, plan
    assert again["replayed"] and again["run"] == first["run"], again
    assert "replayed" not in first and again["result"] == first["result"], first
    assert missing["error"]["fix"], missing
    assert wrong["error"]["problems"][0]["pointer"] == "/usageLocation", wrong
    print(json.dumps({
        "tools": len(script.tools),
        "count": count["result"],
        "planned": plan["plan"]["writes"][0]["changes"],
        "created": first["result"]["userPrincipalName"],
        "replayed": again["replayed"],
        "errorKind": missing["error"]["kind"],
        "fix": missing["error"]["fix"],
        "wrongKind": wrong["error"]["kind"],
    }))


asyncio.run(main())
