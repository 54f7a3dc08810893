"""The quarter: what is counted, what it comes to against targets, and what is reported of it."""
