"""The tables. No text of any message is ever in them.

Each carries its community, so that forgetting one is complete; a place without a thread has the empty thread, since a
unique constraint takes two NULLs for different. The unique constraints are what makes things happen exactly once.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, Table, UniqueConstraint

from storage.columns import Duration, Instant, Json, Name, Number

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

communities = Table(
    "communities",
    metadata,
    Column("community", Name, primary_key=True),
    Column("known_since", Instant, nullable=False),
)

mentions = Table(
    "mentions",
    metadata,
    Column("id", Name, primary_key=True),
    Column("community", Name, nullable=False),
    Column("channel", Name, nullable=False),
    Column("thread", Name, nullable=False),
    Column("message", Name, nullable=False),
    Column("asker", Name, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("rule", Name, nullable=False),
    Column("state", Name, nullable=False),
    Column("since", Instant, nullable=False),
    Column("waited", Duration, nullable=False),
    Column("step", Integer, nullable=False),
    Column("due_at", Instant),
    Column("latest", Name, nullable=False),
    Column("latest_at", Instant, nullable=False),
    Column("claimed_by", Name),
    Column("until", Instant),
    Column("closed_at", Instant),
    Column("closed_by", Name),
    Column("closing_rule", Name),
    Column("first_answer_at", Instant),
    Column("worked", Duration),
    Column("told_by", Name),
    Column("version", Integer, nullable=False),
)

WHERE = "where"
"""In an index's `info`: of which rows it holds something, as its migration says to each dialect.

SQLAlchemy's own words for it load both dialects to look at them, which a start had to wait for.
"""

_WAITS = {WHERE: "state IN ('open', 'claimed', 'snoozed')"}
_DUE = {WHERE: "state IN ('open', 'claimed', 'snoozed') AND due_at IS NOT NULL"}
Index("ix_mentions_due", mentions.c.community, mentions.c.due_at, info=_DUE)
Index("ix_mentions_waiting", mentions.c.community, mentions.c.opened_at, mentions.c.id, info=_WAITS)
Index("ix_mentions_opened", mentions.c.community, mentions.c.opened_at)

messages = Table(
    "messages",
    metadata,
    Column("number", Number, primary_key=True),
    Column("mention", ForeignKey(mentions.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("community", Name, nullable=False),
    Column("channel", Name, nullable=False),
    Column("message", Name, nullable=False),
    UniqueConstraint("community", "channel", "message"),
)
"""Which mention a message belongs to, numbered in the order of attachment."""

decisions = Table(
    "decisions",
    metadata,
    Column("number", Number, primary_key=True),
    Column("mention", ForeignKey(mentions.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("community", Name, nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("verdict", Name, nullable=False),
    Column("rule", Name, nullable=False),
    Column("member", Name),
    Column("message", Name),
    Column("reasons", Json, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("key", Name, primary_key=True),
    Column("kind", Name, nullable=False),
    Column("community", Name, nullable=False),
    Column("channel", Name, nullable=False),
    Column("thread", Name, nullable=False),
    Column("subject", Json, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("state", Name, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("leased_by", Name),
    Column("leased_until", Instant),
    Column("tried_at", Instant),
    Column("sent_at", Instant),
    Column("sent_channel", Name),
    Column("sent_thread", Name),
    Column("sent_message", Name),
    Column("problem", Name),
)

_LIVE = {WHERE: "state IN ('pending', 'sending')"}
Index(
    "ix_deliveries_place",
    deliveries.c.community,
    deliveries.c.channel,
    deliveries.c.thread,
    deliveries.c.due_at,
    deliveries.c.created_at,
    deliveries.c.key,
    info=_LIVE,
)
Index(
    "ix_deliveries_due",
    deliveries.c.community,
    deliveries.c.due_at,
    info=_LIVE,
)
Index("ix_deliveries_created", deliveries.c.community, deliveries.c.created_at)

pauses = Table(
    "pauses",
    metadata,
    Column("community", Name, primary_key=True),
    Column("channel", Name, primary_key=True),
    Column("until", Instant, nullable=False),
)
"""The empty channel stands for all of the community."""

disabled = Table(
    "disabled",
    metadata,
    Column("community", Name, primary_key=True),
    Column("channel", Name, primary_key=True),
    Column("reason", Name, nullable=False),
    Column("at", Instant, nullable=False),
)

occurrences = Table(
    "occurrences",
    metadata,
    Column("schedule", Name, primary_key=True),
    Column("local_date", Name, primary_key=True),
    Column("community", Name, index=True),
    Column("instant", Instant, nullable=False),
    Column("state", Name, nullable=False),
    Column("slug", Name),
)

decks = Table(
    "decks",
    metadata,
    Column("community", Name, primary_key=True),
    Column("deck", Json, nullable=False),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("community", Name, primary_key=True),
    Column("slug", Name, primary_key=True),
    Column("member", Name, primary_key=True),
    Column("verdict", Name, nullable=False),
    Column("at", Instant, nullable=False),
)

cursors = Table(
    "cursors",
    metadata,
    Column("community", Name, primary_key=True),
    Column("channel", Name, primary_key=True),
    Column("thread", Name, primary_key=True),
    Column("after", Name, nullable=False),
    Column("at", Instant, nullable=False),
)

notes = Table(
    "notes",
    metadata,
    Column("number", Number, primary_key=True),
    Column("name", Name, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_notes_name_at", "name", "at"),
)
"""What happened how often across restarts, such as logins: https://docs.discord.com/developers/events/gateway#identifying."""

letters = Table(
    "letters",
    metadata,
    Column("number", Number, primary_key=True),
    Column("box", Name, nullable=False),
    Column("community", Name, nullable=False),
    Column("member", Name, nullable=False),
    Column("at", Instant, nullable=False),
    Column("body", Json, nullable=False),
    Index("ix_letters_box", "box", "number"),
    Index("ix_letters_community", "community"),
)
"""What one copy was told and another has to judge: a row lives for seconds. Ids and instants, no text."""

leases = Table(
    "leases",
    metadata,
    Column("name", Name, primary_key=True),
    Column("community", Name, index=True),
    Column("holder", Name, nullable=False),
    Column("until", Instant, nullable=False),
)
