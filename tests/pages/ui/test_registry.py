from __future__ import annotations

from pages.ui import registry


def test_pages_are_named_once_and_sections_stand_together():
    names = [page.name for page in registry.ALL]
    assert len(set(names)) == len(names)
    sections = [page.section for page in registry.ALL]
    assert [name for at, name in enumerate(sections) if at == 0 or sections[at - 1] != name] == [
        "", "Prepare", "Build", "Train", "Explore", "Assess",
    ]  # fmt: skip


def test_what_is_present_exists_and_icons_are_known_to_streamlit():
    from streamlit.material_icon_names import ALL_MATERIAL_ICONS

    assert all(page.file.is_file() for page in registry.present())
    assert {page.icon for page in registry.ALL} <= set(ALL_MATERIAL_ICONS)
