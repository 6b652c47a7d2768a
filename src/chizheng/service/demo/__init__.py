"""The living demo district: invented people, certificates in every state, open cases, one login per role.

Nobody in it exists. Everything is drawn from one seed and dated relative to the day it is made.
"""

from chizheng.service.demo.logins import LOGINS_FILE, Login, kept_logins
from chizheng.service.demo.seeding import seed_demo

__all__ = ["LOGINS_FILE", "Login", "kept_logins", "seed_demo"]
