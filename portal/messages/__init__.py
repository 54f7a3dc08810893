"""The durable outbox: mail is a row in the transaction that causes it, and is sent by the worker."""
