"""Top floor: the web application, accounts, command line and jobs."""
