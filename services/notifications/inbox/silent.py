"""Facts nobody is told, each with its reason. Every other fact has words; a new one needs either."""

from collections.abc import Mapping
from typing import Any

from shared.contracts import events as facts

SILENT: Mapping[type[Any], str] = {
    facts.CommunityNamed: "the name of the place one lives in; notices and pages carry it",
    facts.HouseholdRegistered: "entered with the roster; nobody of the household has an account yet",
    facts.HouseholdChanged: "changed at the desk, mostly at the household's own wish; its file shows it",
    facts.ResidentJoined: "entered with the roster; the household's file shows its members",
    facts.ResidentLeft: "who left hears no more of the household, and those who stay know",
    facts.AccountBound: "told to the person on the page where it was bound a moment ago",
    facts.AccountDeleted: "at its owner's wish; the inbox goes with it",
    facts.AssetPassed: "the picture is simply there",
    facts.AssetDeleted: "its owner did it",
    facts.BooksSealed: "daily bookkeeping; the public page shows the seal",
    facts.RoundClosed: "the count follows at once and says more (RoundTallied)",
    facts.NoticeCompleted: "what was shown takes effect and tells it (DecisionPublished, ResultPublished)",
}
"""Fact → why nobody hears of it."""
