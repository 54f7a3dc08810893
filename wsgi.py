"""What servers and the `flask` command load."""

from portal.app import create_app

app = create_app()
