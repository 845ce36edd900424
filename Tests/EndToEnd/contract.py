"""Names that the tests share with the product: events and refusal reasons of the log.

Everything else that the tests know is in RFCs or in the documentation."""

# Events. A worker writes one SETTINGS_TAKEN line for each HUP that put new settings in force.
WORKER_READY = "worker.ready"
WORKER_STOPPED = "worker.stopped"
SETTINGS_TAKEN = "settings.loaded"
SETTINGS_KEPT = "settings.kept"
KEY_CHANGED = "key.changed"
KEY_REFUSED = "key.refused"
LOGIN_OK = "login.ok"
LOGIN_FAILED = "login.failed"
LOGIN_BLOCKED = "login.blocked"
LOGIN_BLOCKED_MORE = "login.blocked_more"  # `count=` lines that were left out
BAN_START = "ban.start"
TABLE_LOST = "table.lost"
TABLE_BACK = "table.back"
HASH_PROCESS_ENDED = "hash.process_ended"
HASH_DONE = "hash.done"  # at level info; `total=` is the hash work of the process so far
TOKEN_MIGRATED = "token.migrated"
REQUEST_REFUSED = "request.refused"
LIMIT_WOULD_REFUSE = "limit.would_refuse"
UNKNOWN_REQUIREMENT = "gate.unknown_requirement"
GATE_REFUSED = "gate.refused"  # broken FastCGI, counted; the first time at once
PEER_REFUSED = "peer.refused"  # a wrong peer secret, counted; the first time at once
REQUEST_SERVED = "request.served"  # at level info

# `reason=` of a refused login.
WRONG_PASSWORD = "wrong_password"
UNKNOWN_EMAIL = "unknown_email"
INACTIVE_USER = "inactive_user"

# `reason=` of a blocked one: no password was looked at.
BANNED = "banned"
BANNED_BY_HAND = "banned_by_hand"
PAUSED = "paused"
NETWORK_BUDGET = "network_budget"
USER_BUDGET = "user_budget"
REPEATED_PASSWORD = "repeated_password"

# `reason=` of a refused token.
EXPIRED = "expired"
NOT_YET_VALID = "not_yet_valid"
WRONG_ISSUER = "wrong_issuer"
WRONG_AUDIENCE = "wrong_audience"
WRONG_EMAIL = "other_email"
OLD_TOKEN_VERSION = "old_token_version"
UNKNOWN_USER = "unknown_user"

# `reason=` of a refused service token, beside EXPIRED and INACTIVE_USER.
UNKNOWN_SERVICE_TOKEN = "unknown_service_token"
REVOKED = "revoked"

# `reason=` of a request that met no requirement of its location; `word=` says which.
REQUIREMENT = "requirement"

# `type` of a 429, draft-ietf-httpapi-ratelimit-headers-10 section 6.
QUOTA_EXCEEDED = "https://iana.org/assignments/http-problem-types#quota-exceeded"
