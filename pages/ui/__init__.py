"""Everything the pages share: the look, the widgets, the session. The only code that talks to Streamlit's state."""
