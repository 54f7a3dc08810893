"""Pictures, videos and recordings: taken in safely, described, and served to whom they are meant for."""
