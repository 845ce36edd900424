# shellcheck shell=bash
# Postern itself in the run folder: settings, secrets, first user, workers. Needs common.sh, database.sh and the
# variables of scripts/quickstart.
: "${run:?}" "${root:?}" "${port:?}" "${programs:?}" "${settings:?}" "${email:?}" "${workers:?}"

command_of_postern() { "$programs/postern" "$@" --config "$settings"; }

write_settings() {
    local user
    user=$(id -un)
    cat >"$settings" <<END
# Written by scripts/quickstart at each start. What you change belongs into conf.d/*.toml beside it.
[site]
issuer = "https://127.0.0.1:$port"

[service]
user = "$user"
peer_secret_file = "$run/peer.secret"
socket = "$run/postern.sock"
rates_file = "$run/rates"

[database]
socket = "$run/mariadb.sock"
name = "postern"
user = "$user"

[keys]
file = "$run/keys"

[photos]
enabled = true
END
    mkdir -p "$run/conf.d" "$run/nginx"
    [[ -s $run/keys ]] || command_of_postern key generate --raw >/dev/null
    [[ -s $run/peer.secret ]] || openssl rand -hex 32 >"$run/peer.secret"
    printf 'fastcgi_param POSTERN_PEER "%s";\n' "$(<"$run/peer.secret")" >"$run/postern-peer.conf"
}

# env_line NAME VALUE: a line that a shell reads as NAME=VALUE.
env_line() { printf "%s='%s'\n" "$1" "${2//\'/\'\\\'\'}"; }

make_user() {
    local password status=0
    command_of_postern database migrate --directory "$root/database"
    password=$(openssl rand -hex 16)
    # shellcheck source=/dev/null
    [[ ! -s $run/env ]] || password=$(. "$run/env" && printf '%s' "$POSTERN_PASSWORD")
    command_of_postern user show "$email" >/dev/null 2>&1 || status=$?
    case $status in
        0) ;;
        3)
            step "Making the user $email"
            command_of_postern user add --email "$email" --name "Anna Example" --password-stdin <<<"$password" >/dev/null
            { printf "SET @email = '%s';\n" "$email" && cat "$root/database/seed/photos.sql"; } | sql postern
            ;;
        *) command_of_postern user show "$email" ;;
    esac
    {
        env_line POSTERN_URL "https://127.0.0.1:$port"
        env_line POSTERN_CA "$run/tls/ca.crt"
        env_line POSTERN_EMAIL "$email"
        env_line POSTERN_PASSWORD "$password"
        env_line POSTERN_CONFIG "$settings"
        env_line POSTERN_NGINX_CONF "$run/nginx.conf"
    } >"$run/env"
}

start_workers() {
    "$programs/posternd" --check --config "$settings" || die "posternd refuses the settings"
    (detached "$run/workers.log" perl "$root/scripts/lib/workers.pl" "$run" "$workers" \
        "$programs/posternd" --config "$settings") &
    wait_for 10 test -S "$run/postern.sock" || die "the workers did not start" "read $run/workers.log"
}

# The launcher ends its workers; without it (kill -9) they are found one by one.
stop_workers() {
    local file
    end_process "$run/workers.pid" "workers.pl $run "
    for file in "$run"/worker-*.pid; do
        end_process "$file" "$settings"
    done
    rm -f "$run/postern.sock"
}

prove_login() {
    local url=https://127.0.0.1:$port answer token
    local curl=(curl --silent --show-error --cacert "$run/tls/ca.crt" --max-time 20)
    wait_for 20 "${curl[@]}" --fail "$url/readyz" || {
        tail -n 20 "$run/workers.log" "$run/nginx/error.log" >&2
        die "the workers are not ready: $("${curl[@]}" "$url/readyz")" "read $run/workers.log"
    }
    # The password goes by standard input: arguments can be read by every process of the machine.
    # shellcheck source=/dev/null
    answer=$(. "$run/env" && printf '{"email":"%s","password":"%s"}' "$POSTERN_EMAIL" "$POSTERN_PASSWORD" |
        "${curl[@]}" --data @- -H "Content-Type: application/json" "$url/login")
    token=$(sed -n 's/.*"access_token": *"\([^"]*\)".*/\1/p' <<<"$answer")
    [[ -n $token ]] || die "the login failed: $answer" "read $run/workers.log"
    printf 'header = "Authorization: Bearer %s"\n' "$token" | "${curl[@]}" --fail --config - "$url/me"
    printf '\n'
}
