"""Scripts that run in the environment of another program; CellDesk starts them by path and never imports them."""
