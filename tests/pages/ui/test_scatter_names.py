from __future__ import annotations

from streamlit.testing.v1 import AppTest


def page() -> None:
    import pandas as pd
    import streamlit as st

    from pages.ui.scatter import component

    points = pd.DataFrame({"x": [0.0, 2.0, 8.0], "y": [1.0, 1.0, 4.0], "value": [0.1, 0.2, 0.9], "type": list("aab")})
    made = component._prepared("points", "value", (), (), None, True, "type", points)
    st.json([{name: place[name] for name in ("text", "x", "y")} for place in made["names"]])
    st.write("a ramp" if made["numeric"] else "categories")


def test_types_are_named_where_the_points_are_coloured_by_numbers():
    test = AppTest.from_function(page).run()
    assert not test.exception and test.markdown[0].value == "a ramp"
    assert test.json[0].value.replace(" ", "") == '[{"text":"a","x":1.0,"y":1.0},{"text":"b","x":8.0,"y":4.0}]'
