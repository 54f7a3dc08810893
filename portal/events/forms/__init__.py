"""What is typed into the forms of lectures."""
