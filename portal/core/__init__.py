"""What every room stands on. The list of files is closed: see importlinter contracts in pyproject.toml."""
