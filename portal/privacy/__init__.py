"""What concerns the personal data of every room: keys rotated, and a search for what should be gone."""
