# shellcheck shell=bash
# A MariaDB of our own in $run/mariadb, reached by $run/mariadb.sock alone. Whoever runs this is its root user,
# let in by unix_socket. Needs common.sh and $run.
: "${run:?}"

start_database() {
    local user options server
    user=$(id -un)
    options=(--no-defaults "--datadir=$run/mariadb" "--tmpdir=$run/tmp" "--user=$user")
    mkdir -p "$run/tmp"
    if [[ ! -e $run/mariadb/.complete ]]; then
        step "Making a private MariaDB"
        rm -rf "$run/mariadb"
        mariadb-install-db "${options[@]}" --skip-test-db --auth-root-authentication-method=socket \
            --auth-root-socket-user="$user" >"$run/mariadb-install.log" 2>&1 </dev/null ||
            die "mariadb-install-db failed" "read $run/mariadb-install.log"
        touch "$run/mariadb/.complete"
    fi
    # A server that was killed leaves both behind.
    rm -f "$run/mariadb.sock" "$run/mariadb.pid"
    (detached "$run/mariadb.log" mariadbd "${options[@]}" --skip-networking \
        "--socket=$run/mariadb.sock" "--pid-file=$run/mariadb.pid") &
    server=$!
    wait_for 60 database_answers_or_ended "$server" || true
    database_answers >/dev/null 2>&1 || {
        tail -n 20 "$run/mariadb.log" >&2
        die "MariaDB did not start" "read $run/mariadb.log"
    }
}

database_answers() { sql --execute "SELECT 1"; }
database_answers_or_ended() { database_answers || ! kill -0 "$1"; }

# sql [DATABASE] <STATEMENTS
sql() {
    mariadb --no-defaults "--socket=$run/mariadb.sock" --default-character-set=utf8mb4 --batch --skip-column-names "$@"
}

stop_database() { end_process "$run/mariadb.pid" "$run/mariadb "; }
