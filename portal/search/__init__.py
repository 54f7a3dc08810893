"""Search: a table of documents, an index made from it, and the only code that knows Whoosh."""
