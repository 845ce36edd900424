-- The table that records the others. It is made before each run and is itself not recorded.
--
-- A row is written before its migration runs and finished after it: the row is the lock (GET_LOCK is refused on
-- Galera), and an unfinished row of a connection that is gone says that a migration stopped half-way.
CREATE TABLE IF NOT EXISTS schema_migrations (
    number SMALLINT UNSIGNED NOT NULL PRIMARY KEY,
    name VARCHAR(100) NOT NULL,
    -- SHA-256 of the file, as sha256sum prints it.
    checksum CHAR(64) NOT NULL,
    -- CONNECTION_ID() of who runs it.
    connection BIGINT UNSIGNED NOT NULL,
    started_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    finished_at TIMESTAMP NULL DEFAULT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
