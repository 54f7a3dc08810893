"""The durable outbox: a message is a row in the transaction that causes it, and is sent by the worker."""
