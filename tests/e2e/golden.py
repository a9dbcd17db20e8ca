"""Requests of goldens: filled with the fixtures' pictures and sent."""

import base64
import json
import re
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

PICTURES = Path(__file__).parents[1] / "goldens/pictures"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d)?")

Json = Any


def fill(value: Json) -> Json:
    """Puts the base64 text of the fixtures in the place of {"$picture": NAME}."""
    if isinstance(value, dict):
        if "$picture" in value:
            content = (PICTURES / value["$picture"]).read_bytes()
            return value.get("prefix", "") + base64.b64encode(content).decode()
        return {key: fill(item) for key, item in value.items()}
    return [fill(item) for item in value] if isinstance(value, list) else value


def send(url: str, request: Json) -> tuple[int, Json]:
    """Status and body of the answer; text that is no JSON comes back as a string."""
    data = None
    if "text" in request:
        data = request["text"].encode()
    elif "body" in request:
        data = json.dumps(fill(request["body"])).encode()
    headers = {"Content-Type": "application/json", **request.get("headers", {})}
    call = urllib.request.Request(url + request["path"], data, headers, method=request["method"])
    try:
        with urllib.request.urlopen(call, timeout=60) as answer:
            status, text = answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read().decode()
    try:
        return status, json.loads(text)
    except json.JSONDecodeError:
        return status, text
