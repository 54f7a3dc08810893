"""Named reads of what a quarter is made of, and of what was stored of it."""
