-- Service tokens: what a program (cron, backup, monitoring) shows in place of a login.
--
-- A second run after a failure half-way does no harm (IF NOT EXISTS).

-- token_hash: SHA-256 of the token's text. The token itself stands nowhere; 256 random bits need no slow hash.
-- scopes: words with one space between; they count as far as the user still has them.
-- made_by: the login name of who issued it.
-- expires_at, revoked_at: NULL for a token without an end, and for one that nobody has revoked.
-- last_used_at: to the minute. last_used_address: from where that was.
CREATE TABLE IF NOT EXISTS service_tokens (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    user_id UUID NOT NULL,
    token_hash BINARY(32) NOT NULL UNIQUE,
    scopes VARCHAR(1000) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    note VARCHAR(200) NOT NULL DEFAULT '',
    made_by VARCHAR(64) NOT NULL DEFAULT '',
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    expires_at TIMESTAMP NULL DEFAULT NULL,
    revoked_at TIMESTAMP NULL DEFAULT NULL,
    last_used_at TIMESTAMP NULL DEFAULT NULL,
    last_used_address VARCHAR(45) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL DEFAULT '',
    INDEX by_user (user_id),
    CONSTRAINT service_token_belongs_to_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;
