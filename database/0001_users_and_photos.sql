-- Users who may log in.
--
-- id: the UUID type (MariaDB 10.7 and later): 16 bytes in the index, and a DBA reads and writes the usual text.
-- email: in one form only (ASCII letters lower, otherwise Unicode NFC), so the collation compares bytes and counts
--   spaces at the end. The check stops a row by hand that no login would ever find.
-- scopes, groups: words with one space between.
-- token_version: one more, and every token of the user is refused.
CREATE TABLE users (
    id UUID NOT NULL PRIMARY KEY,
    email VARCHAR(254) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL UNIQUE,
    name VARCHAR(200) NOT NULL DEFAULT '',
    password_hash VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    is_active BOOLEAN NOT NULL DEFAULT TRUE,
    scopes VARCHAR(1000) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    `groups` VARCHAR(1000) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    token_version INT UNSIGNED NOT NULL DEFAULT 1,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    CONSTRAINT email_is_lower_case_without_spaces CHECK (email NOT REGEXP '[A-Z[:space:]]')
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

-- Photos and videos of users; their content lies elsewhere.
CREATE TABLE photos (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL,
    kind ENUM('photo', 'video') NOT NULL,
    title VARCHAR(200) NOT NULL,
    content_type VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    bytes BIGINT UNSIGNED NOT NULL,
    is_public BOOLEAN NOT NULL DEFAULT FALSE,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    INDEX by_user (user_id, created_at),
    INDEX by_time (is_public, created_at),
    CONSTRAINT photo_belongs_to_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;
