"""One function for each assumption that can be measured; `table.py` lists them in the order in which they run."""
