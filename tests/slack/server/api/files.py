"""files.*: the two steps of an upload, and telling about a file."""

from __future__ import annotations

from typing import Any

from tests.slack.server.calls import Refused, Request, method
from tests.slack.server.model import Json


@method("files.getUploadURLExternal", "files:write", required=("filename", "length"))
async def upload_url(asked: Request) -> Json:
    file = next(asked.slack.file_ids)
    asked.slack.files[file] = {"id": file, "name": asked.text("filename"), "size": asked.number("length", 0, 10**9)}
    if "alt_txt" in asked.args:
        asked.slack.files[file]["alt_txt"] = asked.text("alt_txt")
    return {"upload_url": f"{asked.slack.address}/upload/{file}", "file_id": file}


@method("files.completeUploadExternal", "files:write", required=("files",))
async def complete(asked: Request) -> Json:
    wanted: Any = asked.json("files")
    done = []
    for one in wanted:
        file = asked.slack.files.get(one.get("id"))
        if file is None or "content" not in file:
            raise Refused("file_not_found")
        file["complete"] = True
        done.append({"id": file["id"], "title": one.get("title", file["name"])})
    return {"files": done}


@method("files.info", "files:read", required=("file",))
async def info(asked: Request) -> Json:
    file = asked.slack.files.get(asked.text("file"))
    if file is None:
        raise Refused("file_not_found")
    shown = {key: value for key, value in file.items() if key in ("id", "name", "size")}
    return {"file": shown | {"mimetype": "image/png"}}
