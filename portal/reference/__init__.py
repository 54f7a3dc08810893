"""Editorial reference lists: the site, topics, telephone numbers, glossary and search words."""
