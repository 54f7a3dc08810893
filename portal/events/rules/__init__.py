"""What is allowed of lectures, seats and codes, without any database."""
