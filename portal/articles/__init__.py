"""Articles, their editions (audience and language) and revisions; the content package."""
