"""The words that screen and documentation use, each in one sentence; docs/trust.md holds the same ones."""

from __future__ import annotations

from explain.decisions.trust import LETTERS, TERMS
from explain.quality.catalog import CATALOG

WORDS: dict[str, str] = {
    "Verdict": "What to do with a decision: use it, check it first, or do not use it yet, and the reason.",
    "Likely right": "In about how many of 100 such cases the decision is right, past cases and faults in the data "
    "counted in.",
    "Trust " + ", ".join(LETTERS): f"A letter for how likely right a decision is. {TERMS['trust']}",
    "Past cases": "Rows with a known outcome that the model was not trained on; what is said about trust is counted "
    "on them.",
    "in 100": "A chance: 78 in 100 means that 78 of 100 such cases turn out that way.",
    "Points": "Steps of a chance: from 40 in 100 to 52 in 100 is +12 points.",
    "The model alone": "What the model itself says, before past cases and faults in the data are counted in.",
    "Reasons": "How far each value of the row moves what the model alone says away from a typical past case.",
    "Typical past case": "The model's answer on average over the past rows that came with it.",
    "Shortlist": "The outcomes that past cases leave open, at the level of care that you choose; one that is not on it "
    "is less likely, not impossible.",
    "Fault": "A value that is wrong (✖ error) or unlikely (⚠ warning); a remark (○) claims nothing of the kind.",
    "Corrected": "What the model says with the suggested value in place of the faulty one, or with one that similar "
    "cases have.",
}
"""Word -> what it means."""
FAULTS: dict[str, str] = {check.title: check.about for check in CATALOG.values()}
"""What a fault is called on the screen -> what it is."""
