"""The benchmark: what the portal promises about speed, measured on this machine against its peers."""
