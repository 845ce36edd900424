# shellcheck shell=bash
# nginx of our own with the files that Postern ships, and a certificate for 127.0.0.1. Needs common.sh, $run,
# $root and $port. POSTERN_NGINX names another nginx program.
: "${run:?}" "${root:?}" "${port:?}"

make_certificate() {
    local tls=$run/tls
    openssl x509 -in "$tls/server.crt" -noout -checkend 86400 >/dev/null 2>&1 && return
    step "Making a certificate authority and a certificate for 127.0.0.1"
    mkdir -p "$tls"
    {
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 365 -sha256 \
            -subj "/CN=Postern quickstart" -keyout "$tls/ca.key" -out "$tls/ca.crt" \
            -addext "keyUsage=critical,keyCertSign" &&
            openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj "/CN=127.0.0.1" \
                -addext "subjectAltName=IP:127.0.0.1,DNS:localhost" -addext "extendedKeyUsage=serverAuth" \
                -keyout "$tls/server.key" -out "$tls/server.csr" &&
            openssl x509 -req -in "$tls/server.csr" -CA "$tls/ca.crt" -CAkey "$tls/ca.key" -days 365 -sha256 \
                -copy_extensions copyall -out "$tls/server.crt"
    } >"$tls/openssl.log" 2>&1 </dev/null || die "openssl could not make them" "read $tls/openssl.log"
}

# The shipped files with other paths: what is tried here is what a server gets.
write_nginx_settings() {
    local site demo upstream user=""
    rm -rf "$run/nginx/conf.d" "$run/nginx/snippets"
    mkdir -p "$run/nginx/conf.d" "$run/nginx/snippets"
    cp "$root"/nginx/snippets/* "$run/nginx/snippets/"
    sed -i 's|include snippets/|include nginx/snippets/|' "$run"/nginx/snippets/*
    upstream=$(<"$root/nginx/conf.d/postern.conf")
    printf '%s\n' "${upstream//\/run\/postern\/postern.sock/$run/postern.sock}" >"$run/nginx/conf.d/postern.conf"

    site=$(grep -v 'listen \[::\]' "$root/docs/examples/nginx/api.conf")
    site=${site//listen 443 /listen 127.0.0.1:$port }
    site=${site//server_name api.example.com/server_name localhost 127.0.0.1}
    site=${site//\/etc\/letsencrypt\/live\/api.example.com\/fullchain.pem/$run/tls/server.crt}
    site=${site//\/etc\/letsencrypt\/live\/api.example.com\/privkey.pem/$run/tls/server.key}
    site=${site//\/var\/log\/nginx\//$run/nginx/}
    site=${site//include snippets\//include nginx/snippets/}
    # Not in the shipped file: a page to try the gate on.
    demo="location /demo/ { auth_request /postern/auth; root $run/www; }"
    site=${site/"    location / {"/"    $demo"$'\n\n'"    location / {"}
    printf '%s\n' "$site" >"$run/nginx/site.conf"
    mkdir -p "$run/www/demo"
    printf '<!doctype html>\n<title>Demo</title>\n<p>You are behind the gate.\n' >"$run/www/demo/index.html"

    # Paths of include are taken from the folder of this file.
    ((EUID)) || user="user root;    # www-data could not enter a folder of root's"
    cat >"$run/nginx.conf" <<END
$user
worker_processes auto;
worker_rlimit_nofile 8192;
pid $run/nginx.pid;
error_log $run/nginx/error.log;
events { worker_connections 4096; }
http {
    include /etc/nginx/mime.types;
    client_body_temp_path $run/nginx/body;
    fastcgi_temp_path     $run/nginx/fastcgi;
    proxy_temp_path       $run/nginx/proxy;
    scgi_temp_path        $run/nginx/scgi;
    uwsgi_temp_path       $run/nginx/uwsgi;
    include nginx/conf.d/*.conf;
    include nginx/site.conf;
}
END
}

start_nginx() {
    # It leaves the foreground by itself once it listens.
    (detached "$run/nginx/start.log" "${POSTERN_NGINX:-nginx}" -c "$run/nginx.conf") ||
        die "nginx did not start: $(tail -n 1 "$run/nginx/start.log")" "nginx -t -c $run/nginx.conf"
}

stop_nginx() { end_process "$run/nginx.pid" "$run/nginx.conf"; }

port_is_taken() { (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; }
