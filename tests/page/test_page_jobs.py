"""The three jobs, by hand, from the page's own controls, in both languages."""

from __future__ import annotations

import pytest
from browsing import NARROW, WIDE, Visitor, speak

pytest.importorskip("playwright.async_api", reason="Playwright is not installed")
from playwright.async_api import expect

both_languages = pytest.mark.parametrize("language", ["en", "fr"])
both_widths = pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])


@both_languages
@both_widths
async def test_the_tip_comes_at_nine_and_takes_feedback(visitor: Visitor, language: str) -> None:
    """The clock is moved, the tip is there, *Useful* is answered in private, and the panel knows all of it."""
    t, page = speak(language), visitor.page
    await visitor.be("Malo", "team")
    await visitor.move("move_9")
    tip = page.locator("#flow article.ours")
    await expect(tip.get_by_role("heading")).to_contain_text(t("Tip of the day"))
    await expect(page.locator("#right .chip")).to_have_text(t("sent"))
    await tip.get_by_role("button", name=t("Useful"), exact=True).click()
    noted = page.locator("#flow article.whisper")
    await expect(noted).to_contain_text(t("Noted"))
    await noted.get_by_role("button", name=visitor.t("dismiss")).click()
    await expect(noted).to_have_count(0)


@both_languages
@both_widths
async def test_advice_is_found_by_typing_a_slash(visitor: Visitor, language: str) -> None:
    """The box proposes the command, then topics; the answer is for the one who asked."""
    t, page = speak(language), visitor.page
    await visitor.be("Malo", "general")
    box = page.locator("#message-box")
    await box.press_sequentially("/t")
    await expect(page.get_by_role("option").first).to_contain_text("/tip")
    await box.press("Enter")
    await expect(box).to_have_value("/tip ")
    await box.press_sequentially("engag")
    await expect(page.get_by_role("option").first).to_contain_text("Engagement")
    await box.press("ArrowDown")
    await box.press("Enter")
    await expect(box).to_have_value("/tip Engagement")
    await box.press("Enter")
    answer = page.locator("#flow article.whisper")
    await expect(answer).to_contain_text(visitor.t("only_you"))
    await expect(answer).to_contain_text(t("Try this today:"))
    await visitor.be("Ada", "general")
    await expect(answer).to_have_count(0)


@both_languages
async def test_an_unanswered_question_is_nudged_claimed_and_answered(visitor: Visitor, language: str) -> None:
    """Asked, nudged after half an hour of working time, claimed, answered in the thread: the nudge follows."""
    t, page = speak(language), visitor.page
    await visitor.move("move_9")
    await visitor.be("Ada", "support")
    await visitor.say(visitor.t("tour_question"))
    thought = page.locator("#right .thought")
    await expect(thought).to_contain_text(t("asks a question"))
    await visitor.move("move_1h")
    await visitor.be("Malo", "team")
    nudge = page.locator("#flow article.ours", has_text="Ada")
    await expect(nudge.get_by_role("heading")).to_have_text(t("{name} is waiting for an answer", name="Ada"))
    await nudge.get_by_role("button", name=t("Claim"), exact=True).click()
    await expect(nudge.get_by_role("heading")).to_have_text(t("{name} is being answered", name="Ada"))
    await expect(thought.locator(".chip")).to_have_attribute("data-state", "claimed")
    await visitor.be("Malo", "support")
    await page.locator("#flow article", has_text=visitor.t("tour_question")).hover()
    await visitor.press(visitor.t("reply_in_thread"), "#flow")
    await visitor.say(visitor.t("tour_reply"), "#reply-box")
    await expect(page.locator("#thread-flow article").last).to_contain_text(visitor.t("tour_reply"))
    await expect(page.locator("#flow .replies")).to_have_text(visitor.t("reply_one"))
    await page.locator("#thread-close").click()
    await expect(page.locator("#right")).to_contain_text(visitor.t("panel_empty_mentions"))
    await visitor.be("Malo", "team")
    await expect(nudge.get_by_role("heading")).to_have_text(t("{name} was answered", name="Ada"))


@both_languages
async def test_snoozing_asks_until_when(visitor: Visitor, language: str) -> None:
    """A form with what the bot proposes, chosen beforehand; the mention is snoozed once it is sent."""
    t, page = speak(language), visitor.page
    await visitor.move("move_9")
    await visitor.be("Karim", "support")
    await visitor.say(visitor.t("tour_question"))
    await visitor.move("move_1h")
    await visitor.be("Inès", "team")
    await page.locator("#flow").get_by_role("button", name=t("Snooze"), exact=True).click()
    form = page.get_by_role("dialog", name=t("Snooze"))
    await expect(form.get_by_role("radio", name=t("Until the next working day"))).to_be_checked()
    await form.get_by_role("radio", name=t("For 3 hours")).check()
    await form.get_by_role("button", name=t("Snooze")).click()
    await expect(form).to_have_count(0)
    await expect(page.locator("#right .thought .chip")).to_have_attribute("data-state", "snoozed")


@both_languages
@both_widths
async def test_the_tour_goes_through_the_three_jobs(visitor: Visitor, language: str) -> None:
    """Started again after it was skipped; each of its buttons does what it says, to the end."""
    page = visitor.page
    await page.locator("#tour-again").click()
    title, go = page.locator(".tour-title"), page.locator("#tour-go")
    for step, last, presses in (("1", "tour_1_seen", 1), ("2", "tour_2_seen", 1), ("3", "tour_3_seen", 3)):
        await expect(title).to_have_text(visitor.t(f"tour_{step}_title"))
        for _ in range(presses):
            before = await page.locator(".tour-text").text_content()
            await go.click()
            await expect(page.locator(".tour-text")).not_to_have_text(before or "")
        await expect(page.locator(".tour-text")).to_have_text(visitor.t(last))
        await go.click()
    await expect(title).to_have_text(visitor.t("tour_end_title"))
    await visitor.press(visitor.t("tour_done"), "#tour")
    await expect(page.locator("#tour")).to_be_hidden()
    await expect(page.locator("#flow article.ours").last).to_contain_text(
        speak(language)("{name} was answered", name="Ada")
    )


async def test_the_language_changes_while_one_watches(visitor: Visitor) -> None:
    """The labels, the `lang` of the page, and what the bot says from then on."""
    page = visitor.page
    await visitor.be("Malo", "team")
    await page.get_by_role("button", name="FR", exact=False).click()
    await expect(page.locator("html")).to_have_attribute("lang", "fr")
    await expect(page.get_by_role("heading", name=visitor.t("panel"))).to_be_visible()
    await visitor.move("move_9")
    await expect(page.locator("#flow article.ours")).to_contain_text(speak("fr")("Tip of the day"))
