"""Staff: people and their roles, sign-in, second factors, sessions."""
