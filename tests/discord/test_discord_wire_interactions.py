"""Commands, menus, buttons and forms on the loopback Discord, against discord.py's own command tree and views."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import discord
import pytest
from discord import app_commands

from tests.discord.listening import Listener, connected
from tests.discord.wire.interacting import NotOffered
from tests.discord.wire.interaction import DEFERRED_MESSAGE
from tests.discord.wire.people import Person
from tests.discord.wire.permissions import Permission
from tests.discord.wire.server import WireDiscord


class Name(discord.ui.Modal, title="Your name"):
    name: discord.ui.TextInput[Name] = discord.ui.TextInput(label="Name", custom_id="name")

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"hello {self.name.value}", ephemeral=True)


class Buttons(discord.ui.View):
    @discord.ui.button(label="Again", custom_id="again")
    async def again(self, interaction: discord.Interaction, _button: discord.ui.Button[Buttons]) -> None:
        await interaction.response.edit_message(content="again")

    @discord.ui.button(label="Ask", custom_id="ask")
    async def ask(self, interaction: discord.Interaction, _button: discord.ui.Button[Buttons]) -> None:
        await interaction.response.send_modal(Name())


@asynccontextmanager
async def serving(wire: WireDiscord) -> AsyncIterator[Listener]:
    async with connected(wire) as client:
        tree = app_commands.CommandTree(client)

        @tree.command(description="Echo")
        @app_commands.default_permissions(manage_guild=True)
        async def echo(interaction: discord.Interaction, word: str) -> None:
            await interaction.response.send_message(word, view=Buttons())

        @echo.autocomplete("word")
        async def words(_: discord.Interaction, so_far: str) -> list[app_commands.Choice[str]]:
            return [app_commands.Choice(name=f"{so_far}!", value=so_far)]

        @tree.context_menu(name="Count")
        async def letters(interaction: discord.Interaction, message: discord.Message) -> None:
            await interaction.response.defer(ephemeral=True)
            await interaction.followup.send(str(len(message.content)))
            await interaction.followup.send("letters", ephemeral=True)

        await tree.sync()
        yield client


@pytest.fixture
async def chef(wire: WireDiscord) -> Person:
    town = wire.town()
    return town.person("Chef", town.role("Chef", Permission.MANAGE_GUILD))


async def test_a_command_a_button_and_a_form(wire: WireDiscord, chef: Person) -> None:
    """Each answer is what the person sees, where and how private it is."""
    general = chef.town.channel("general")
    async with serving(wire):
        said = await chef.slash(general, "echo", word="hello")
        assert ([message["content"] for message in said.shown], said.private) == (["hello"], False)
        await chef.press(said.shown[0], "Again")
        assert chef.town.message(general, said.shown[0]["id"])["content"] == "again"
        asked = await chef.press(said.shown[0], "Ask")
        assert asked.modal is not None
        greeted = await chef.submit(asked, name="Ada")
        assert ([message["content"] for message in greeted.shown], greeted.private) == (["hello Ada"], True)
        assert greeted.shown[0]["id"] not in wire.world.messages[general]


async def test_a_deferred_answer_is_followed_up(wire: WireDiscord, chef: Person) -> None:
    """The first followup takes the place of "is thinking", as private as that; the next stands beneath."""
    general = chef.town.channel("general")
    message = chef.say(general, "twelve chars")
    async with serving(wire):
        counted = await chef.choose(general, message, "Count")
        await wire.until(lambda: len(counted.shown) == 2)
        assert counted.type == DEFERRED_MESSAGE
        assert [message["content"] for message in counted.shown] == ["12", "letters"]
        assert counted.private


async def test_choices_are_offered_while_typing(wire: WireDiscord, chef: Person) -> None:
    """Autocompletion carries what was typed so far."""
    general = chef.town.channel("general")
    async with serving(wire):
        assert await chef.types(general, "echo", "word", "he") == [{"name": "he!", "value": "he"}]


async def test_a_command_is_offered_only_to_whom_it_is_meant_for(wire: WireDiscord, chef: Person) -> None:
    """Default permissions, unknown names, missing options, buttons that are not there."""
    general, ana = chef.town.channel("general"), chef.town.person("Ana")
    async with serving(wire):
        for doomed in (
            ana.slash(general, "echo", word="x"),
            chef.slash(general, "nothing"),
            chef.slash(general, "echo"),
            chef.press(chef.town.message(general, chef.say(general, "x")), "Again"),
        ):
            with pytest.raises(NotOffered):
                await doomed


async def test_too_late_and_twice_are_refused(wire: WireDiscord, chef: Person) -> None:
    """10062 after three seconds, 40060 for a second answer."""
    general = chef.town.channel("general")
    async with connected(wire) as client:
        tree = app_commands.CommandTree(client)
        codes: list[int] = []

        @tree.command(description="Slow")
        async def slow(interaction: discord.Interaction) -> None:
            found = wire.interactions[interaction.token]
            began, found.at = found.at, found.at - timedelta(seconds=4)
            with pytest.raises(discord.NotFound) as late:
                await interaction.response.send_message("late")
            codes.append(late.value.code)
            found.at = began
            await interaction.response.send_message("in time")
            interaction.response._response_type = None
            with pytest.raises(discord.HTTPException) as twice:
                await interaction.response.send_message("twice")
            codes.append(twice.value.code)

        await tree.sync()
        await chef.slash(general, "slow")
        await wire.until(lambda: len(codes) == 2)
        assert codes == [10062, 40060]
