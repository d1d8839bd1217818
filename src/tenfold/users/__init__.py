"""Those who share a studio: who they are, what they may do, and how much of it.

One file holds names, roles, quotas and hashes of tokens; a token itself is shown once and kept nowhere.
"""

from __future__ import annotations

from tenfold.users.audit import AuditLog
from tenfold.users.known import KnownUsers
from tenfold.users.provider import Attempt, IdentityProvider, SignInError
from tenfold.users.provider_settings import ProviderSettings
from tenfold.users.rates import Rates
from tenfold.users.sessions import Sessions
from tenfold.users.user import ROLES, USER_COLUMNS, Quota, User
from tenfold.users.user_file import UserFile

__all__ = [
    "ROLES",
    "USER_COLUMNS",
    "Attempt",
    "AuditLog",
    "IdentityProvider",
    "KnownUsers",
    "ProviderSettings",
    "Quota",
    "Rates",
    "Sessions",
    "SignInError",
    "User",
    "UserFile",
]
