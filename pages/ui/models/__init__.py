"""The pieces of the Models page: which models there are, what they label, and with which settings."""
