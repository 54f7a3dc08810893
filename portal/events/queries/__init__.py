"""Reading lectures and registrations."""
