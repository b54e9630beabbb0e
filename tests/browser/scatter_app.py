"""Two linked pictures of made-up cells, for tests/browser/test_scatter.py."""

import numpy as np
import pandas as pd
import streamlit as st

from pages.ui import theme
from pages.ui.scatter import inside, legend, scatter, tools

theme.load_style()
n = int(st.query_params.get("n", 3000))


@st.cache_resource
def cells(n: int) -> pd.DataFrame:
    draw = np.random.default_rng(0)
    kind = np.arange(n) % 3
    middle = np.array([[-4.0, 0.0], [4.0, 0.0], [0.0, 6.0]])[kind]
    place = middle + draw.normal(scale=0.7, size=(n, 2))
    types = pd.Categorical.from_codes(kind, ["B", "NK", "DC"])
    return pd.DataFrame({"x": place[:, 0], "y": place[:, 1], "cell type": types, "depth": place[:, 0]})


table = cells(n)
chosen = st.session_state.get("chosen")
tools("cells", mode="lasso")
left, right = st.columns(2)
with left:
    event = scatter(table, key="left", content=str(n), colour="cell type", selected=chosen, group="cells", mode="lasso")
with right:
    scatter(table, key="right", content=str(n), colour="depth", selected=chosen, group="cells", mode="lasso")
legend(table["cell type"], "cells")
if event.polygon is not None:
    mask = inside(table["x"].to_numpy(), table["y"].to_numpy(), event.polygon)
    st.session_state["chosen"] = mask if event.polygon else None
    st.session_state["said"] = f"{mask.sum()} of {set(table['cell type'][mask])}"
    st.rerun()
if event.clicked is not None:
    st.session_state["said"] = f"clicked {table['cell type'][event.clicked]}"
st.text(st.session_state.get("said", "nothing yet"))
