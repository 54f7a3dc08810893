"""Commands that cross rooms: serving, the worker, invented data, and a look at the installation's health."""
