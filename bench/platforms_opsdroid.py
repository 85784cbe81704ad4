"""opsdroid with its Slack connector and one skill that matches one pattern. Runs in an environment of its own."""

from __future__ import annotations

import gettext
import logging
from typing import Any

from bench.platforms_lap import Go, given, laps
from bench.platforms_stream import Stream, slack_bodies


class Client:
    async def send_socket_mode_response(self, _response: object) -> None:
        pass


def run(told: Stream) -> None:
    gettext.install("opsdroid")  # as its own command line does
    from opsdroid.connector.slack import ConnectorSlack
    from opsdroid.core import OpsDroid
    from opsdroid.matchers import match_regex
    from slack_sdk.socket_mode.request import SocketModeRequest

    logging.disable(logging.CRITICAL)

    @match_regex(r"how do i|does anybody know", matching_condition="search", case_sensitive=False)
    async def skill(opsdroid: Any, config: Any, message: Any) -> None:
        pass

    with OpsDroid(config={}) as opsdroid:
        skill.config = {"name": "bench"}
        opsdroid.skills.append(skill)

        async def race() -> None:
            connector = ConnectorSlack({"bot-token": "xoxb-0"}, opsdroid=opsdroid)
            connector.lookup_username = _known  # it asks once for each, and remembers

            async def begin() -> Go:
                coming = [
                    SocketModeRequest(type="events_api", envelope_id=body["event_id"], payload=body)
                    for body in slack_bodies(told, "T0BENCH")
                ]
                parsed = opsdroid.stats["messages_parsed"]

                async def go() -> None:
                    for request in coming:
                        await connector.socket_event_handler(Client(), request)
                    assert opsdroid.stats["messages_parsed"] - parsed == len(coming)

                return go

            await laps(begin, len(told.said))

        opsdroid.eventloop.run_until_complete(race())


async def _known(user: str, is_bot: bool = False) -> dict[str, str]:  # noqa: ARG001
    return {"name": user.lower()}


if __name__ == "__main__":
    run(given()[0])
