-- Logins: from where each user has logged in, what became of each attempt, and whom somebody has banned.
--
-- A second run after a failure half-way does no harm (IF NOT EXISTS).

-- Networks from which a user has logged in; a guess from elsewhere then spends a budget of its own.
--
-- network: an IPv4 address or an IPv6 network of 64 bits in the one form that Postern writes: 203.0.113.7,
--   2001:db8:1:2::/64.
-- last_login_at: to the day; a login does not write again within one.
CREATE TABLE IF NOT EXISTS user_networks (
    user_id UUID NOT NULL,
    network VARCHAR(43) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL,
    first_login_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    last_login_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (user_id, network),
    INDEX by_time (last_login_at),
    CONSTRAINT network_belongs_to_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

-- What became of logins, for "Anna cannot log in". Bounded by age and by rows ([login] keep_events, keep_event_rows).
--
-- id: no order in time on a cluster, and with gaps there.
-- user_id: NULL where the e-mail is nobody's. No foreign key: events outlive their user until they are too old, and
--   one deleted user must not cost the events of all others in the same statement.
-- reason, door: words of the event line. trace: the request's id in nginx's log and the journal.
CREATE TABLE IF NOT EXISTS login_events (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    outcome ENUM('ok', 'failed', 'blocked') NOT NULL,
    reason VARCHAR(40) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL DEFAULT '',
    user_id UUID NULL DEFAULT NULL,
    address VARCHAR(45) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL DEFAULT '',
    door VARCHAR(20) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL DEFAULT '',
    trace VARCHAR(32) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL DEFAULT '',
    INDEX by_user (user_id, at),
    INDEX by_time (at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

-- Bans made by hand: of a network or of a user, one of them.
--
-- network: an address or a network as one writes it, 203.0.113.7, 10.0.0.0/8, 2001:db8::/32. The check stops what is
--   neither, in a row by hand.
-- until: NULL for a ban without an end.
CREATE TABLE IF NOT EXISTS bans (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    network VARCHAR(43) CHARACTER SET ascii COLLATE ascii_nopad_bin NULL DEFAULT NULL,
    user_id UUID NULL DEFAULT NULL,
    note VARCHAR(200) NOT NULL DEFAULT '',
    made_by VARCHAR(64) NOT NULL DEFAULT '',
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    until TIMESTAMP NULL DEFAULT NULL,
    INDEX by_network (network),
    INDEX by_user (user_id),
    CONSTRAINT ban_belongs_to_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT ban_is_of_network_or_user CHECK ((network IS NULL) <> (user_id IS NULL)),
    CONSTRAINT network_is_an_address_in_lower_case CHECK (network IS NULL
        OR (network NOT REGEXP '[^0-9a-f.:/]|/(|.*[^0-9].*)$'
            AND INET6_ATON(SUBSTRING_INDEX(network, '/', 1)) IS NOT NULL))
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;
