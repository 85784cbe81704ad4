"""bolt, for what people do: one listener, and an authorization that costs no call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.response import BoltResponse

from adapters.slack.admission import Admission
from adapters.slack.web import Line
from adapters.slack.workspaces import PLATFORM, Workspaces
from bot.errors import VigieError
from bot.logger import get_logger
from bot.model import Community

log = get_logger(__name__)


def dispatcher(
    line: Line, workspaces: Workspaces, admission: Admission, listener: Callable[..., Awaitable[BoltResponse]]
) -> AsyncApp:
    """An app that leads whatever reaches it to `listener`, the middleware at the end of its chain."""
    app = AsyncApp(
        name="vigie",
        logger=line.logger,
        client=line.client(),
        authorize=Known(workspaces, admission),  # type: ignore[arg-type]  # bolt's own classes are allowed
        request_verification_enabled=False,  # the site has done that, and a socket needs none
        attaching_conversation_kwargs_enabled=False,
    )
    app.use(listener)
    app.error(_unanswered)
    return app


class Known(AsyncAuthorize):
    """Tells bolt whether we serve the workspace from which something was asked, without a call to Slack."""

    def __init__(self, workspaces: Workspaces, admission: Admission) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._workspaces = workspaces
        self._admission = admission

    async def __call__(self, *, enterprise_id: str | None, team_id: str | None, **_: object) -> AuthorizeResult | None:
        """None for a workspace that we do not serve. Raises `VigieError` while that cannot be known."""
        # A process that has just begun is asked over HTTP before it knows whom it serves.
        await self._admission.enter()
        for id_ in filter(None, (":".join(filter(None, (enterprise_id, team_id))), team_id, enterprise_id)):
            community = Community(PLATFORM, id_)
            office = self._workspaces.get(community) or await self._admission.find(community)
            if office is not None:
                bot, me = office.workspace.bot, office.workspace.me
                return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_id=bot, bot_user_id=me)
        return None


async def _unanswered(error: Exception) -> BoltResponse:
    """It cannot be known yet whom we serve, or bolt stumbled over what is not as Slack writes it.

    Bolt would say 500, and log what was asked.
    """
    known = isinstance(error, VigieError)
    log.warning("not answered", error=type(error).__name__, why=str(error) if known else "")
    return BoltResponse(status=503 if known else 400)
