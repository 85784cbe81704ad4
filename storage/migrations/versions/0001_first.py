"""The first schema.

Types are written out: a migration stays as it was when the tables move on.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

name = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
instant = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")
number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

live = sa.text("state IN ('pending', 'sending')")
waits = sa.text("state IN ('open', 'claimed', 'snoozed')")
due = sa.text("state IN ('open', 'claimed', 'snoozed') AND due_at IS NOT NULL")


def _communities() -> None:
    op.create_table(
        "communities",
        sa.Column("community", name, nullable=False),
        sa.Column("known_since", instant, nullable=False),
        sa.PrimaryKeyConstraint("community", name="pk_communities"),
    )


def _cursors() -> None:
    op.create_table(
        "cursors",
        sa.Column("community", name, nullable=False),
        sa.Column("channel", name, nullable=False),
        sa.Column("thread", name, nullable=False),
        sa.Column("after", name, nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.PrimaryKeyConstraint("community", "channel", "thread", name="pk_cursors"),
    )


def _decks() -> None:
    op.create_table(
        "decks",
        sa.Column("community", name, nullable=False),
        sa.Column("deck", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("community", name="pk_decks"),
    )


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("key", name, nullable=False),
        sa.Column("kind", name, nullable=False),
        sa.Column("community", name, nullable=False),
        sa.Column("channel", name, nullable=False),
        sa.Column("thread", name, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("due_at", instant, nullable=False),
        sa.Column("state", name, nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("leased_by", name),
        sa.Column("leased_until", instant),
        sa.Column("tried_at", instant),
        sa.Column("sent_at", instant),
        sa.Column("sent_channel", name),
        sa.Column("sent_thread", name),
        sa.Column("sent_message", name),
        sa.Column("problem", name),
        sa.PrimaryKeyConstraint("key", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_created", "deliveries", ["community", "created_at"])
    op.create_index(
        "ix_deliveries_due",
        "deliveries",
        ["community", "due_at"],
        sqlite_where=live,
        postgresql_where=live,
    )
    op.create_index(
        "ix_deliveries_place",
        "deliveries",
        ["community", "channel", "thread", "due_at", "created_at", "key"],
        sqlite_where=live,
        postgresql_where=live,
    )


def _disabled() -> None:
    op.create_table(
        "disabled",
        sa.Column("community", name, nullable=False),
        sa.Column("channel", name, nullable=False),
        sa.Column("reason", name, nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.PrimaryKeyConstraint("community", "channel", name="pk_disabled"),
    )


def _leases() -> None:
    op.create_table(
        "leases",
        sa.Column("name", name, nullable=False),
        sa.Column("community", name),
        sa.Column("holder", name, nullable=False),
        sa.Column("until", instant, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )
    op.create_index("ix_leases_community", "leases", ["community"])


def _letters() -> None:
    op.create_table(
        "letters",
        sa.Column("number", number, nullable=False),
        sa.Column("box", name, nullable=False),
        sa.Column("community", name, nullable=False),
        sa.Column("member", name, nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_letters"),
    )
    op.create_index("ix_letters_box", "letters", ["box", "number"])
    op.create_index("ix_letters_community", "letters", ["community"])


def _notes() -> None:
    op.create_table(
        "notes",
        sa.Column("number", number, nullable=False),
        sa.Column("name", name, nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_notes"),
    )
    op.create_index("ix_notes_name_at", "notes", ["name", "at"])


def _mentions() -> None:
    op.create_table(
        "mentions",
        sa.Column("id", name, nullable=False),
        sa.Column("community", name, nullable=False),
        sa.Column("channel", name, nullable=False),
        sa.Column("thread", name, nullable=False),
        sa.Column("message", name, nullable=False),
        sa.Column("asker", name, nullable=False),
        sa.Column("opened_at", instant, nullable=False),
        sa.Column("rule", name, nullable=False),
        sa.Column("state", name, nullable=False),
        sa.Column("since", instant, nullable=False),
        sa.Column("waited", number, nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("due_at", instant),
        sa.Column("latest", name, nullable=False),
        sa.Column("latest_at", instant, nullable=False),
        sa.Column("claimed_by", name),
        sa.Column("until", instant),
        sa.Column("closed_at", instant),
        sa.Column("closed_by", name),
        sa.Column("closing_rule", name),
        sa.Column("first_answer_at", instant),
        sa.Column("worked", number),
        sa.Column("told_by", name),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mentions"),
    )
    op.create_index(
        "ix_mentions_due",
        "mentions",
        ["community", "due_at"],
        sqlite_where=due,
        postgresql_where=due,
    )
    op.create_index("ix_mentions_opened", "mentions", ["community", "opened_at"])
    op.create_index(
        "ix_mentions_waiting",
        "mentions",
        ["community", "opened_at", "id"],
        sqlite_where=waits,
        postgresql_where=waits,
    )


def _occurrences() -> None:
    op.create_table(
        "occurrences",
        sa.Column("schedule", name, nullable=False),
        sa.Column("local_date", name, nullable=False),
        sa.Column("community", name),
        sa.Column("instant", instant, nullable=False),
        sa.Column("state", name, nullable=False),
        sa.Column("slug", name),
        sa.PrimaryKeyConstraint("schedule", "local_date", name="pk_occurrences"),
    )
    op.create_index("ix_occurrences_community", "occurrences", ["community"])


def _pauses() -> None:
    op.create_table(
        "pauses",
        sa.Column("community", name, nullable=False),
        sa.Column("channel", name, nullable=False),
        sa.Column("until", instant, nullable=False),
        sa.PrimaryKeyConstraint("community", "channel", name="pk_pauses"),
    )


def _verdicts() -> None:
    op.create_table(
        "verdicts",
        sa.Column("community", name, nullable=False),
        sa.Column("slug", name, nullable=False),
        sa.Column("member", name, nullable=False),
        sa.Column("verdict", name, nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.PrimaryKeyConstraint("community", "slug", "member", name="pk_verdicts"),
    )


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("number", number, nullable=False),
        sa.Column("mention", name, nullable=False),
        sa.Column("community", name, nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("verdict", name, nullable=False),
        sa.Column("rule", name, nullable=False),
        sa.Column("member", name),
        sa.Column("message", name),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_decisions"),
        sa.ForeignKeyConstraint(["mention"], ["mentions.id"], ondelete="CASCADE", name="fk_decisions_mention"),
    )
    op.create_index("ix_decisions_community", "decisions", ["community"])
    op.create_index("ix_decisions_mention", "decisions", ["mention"])


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("number", number, nullable=False),
        sa.Column("mention", name, nullable=False),
        sa.Column("community", name, nullable=False),
        sa.Column("channel", name, nullable=False),
        sa.Column("message", name, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_messages"),
        sa.ForeignKeyConstraint(["mention"], ["mentions.id"], ondelete="CASCADE", name="fk_messages_mention"),
        sa.UniqueConstraint("community", "channel", "message", name="uq_messages_community_channel_message"),
    )
    op.create_index("ix_messages_mention", "messages", ["mention"])


def upgrade() -> None:
    _communities()
    _cursors()
    _decks()
    _deliveries()
    _disabled()
    _leases()
    _letters()
    _notes()
    _mentions()
    _occurrences()
    _pauses()
    _verdicts()
    _decisions()
    _messages()
