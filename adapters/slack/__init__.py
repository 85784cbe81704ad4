"""Slack, through slack-bolt and slack-sdk."""

from adapters.slack.app import SlackApp
from adapters.slack.chat import SlackChat

__all__ = ["SlackApp", "SlackChat"]
