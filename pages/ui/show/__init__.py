"""What a page shows: header, cards, numbers, chips, notes, tables and figures."""

from pages.ui.show.card import Card, card, section
from pages.ui.show.chips import chips, table_of_states
from pages.ui.show.columns import Column
from pages.ui.show.figure import figure
from pages.ui.show.header import page_header
from pages.ui.show.markup import chip, swatch
from pages.ui.show.notes import empty, error, note, text
from pages.ui.show.numbers import Number, facts, key_values, number_cards, progress
from pages.ui.show.table import Click, TableEvent, table, table_height

__all__ = [
    "Card",
    "Click",
    "Column",
    "Number",
    "TableEvent",
    "card",
    "chip",
    "chips",
    "empty",
    "error",
    "facts",
    "figure",
    "key_values",
    "note",
    "number_cards",
    "page_header",
    "progress",
    "section",
    "swatch",
    "table",
    "table_height",
    "table_of_states",
    "text",
]
