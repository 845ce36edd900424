import System

@testable import Service
@testable import postern

/// What `nginx -T` would print for a vhost beside the shipped files and Debian's.
struct NginxFixture {
    /// Inside the server.
    var server = ""
    /// Beside it, in http.
    var http = ""
    /// Changes a shipped file, by its path below nginx/.
    var change: (_ file: String, _ text: String) -> String = { $1 }
    var settings = NginxFixture.settings
    /// In front of `server`.
    var head = "listen 443 ssl; server_name shop.example.com; root /srv/shop;"

    static var settings: Settings {
        var settings = Settings()
        settings.service.socket = ""
        settings.service.peerSecretFile = ""
        settings.limits.named = [
            "downloads": RateLimit("10/minute", per: .user), "reports": RateLimit("10/minute", per: .user),
        ]
        return settings
    }

    static let root = String(#filePath.dropLast("/Tests/posternTests/Nginx/NginxFixture.swift".count))

    static func shipped(_ path: String) throws -> String {
        String(decoding: try Files.read("\(root)/\(path)", limit: 1 << 20), as: UTF8.self)
    }

    static let files = [
        "conf.d/postern.conf", "snippets/postern.conf", "snippets/postern-params.conf",
        "snippets/postern-identity-fastcgi.conf", "snippets/postern-identity-proxy.conf",
    ]

    private static let debian = [
        "snippets/fastcgi-php.conf": """
        fastcgi_split_path_info ^(.+?\\.php)(/.*)$;
        try_files $fastcgi_script_name =404;
        set $path_info $fastcgi_path_info;
        fastcgi_param PATH_INFO $path_info;
        fastcgi_index index.php;
        include fastcgi.conf;
        """,
        "fastcgi.conf": """
        fastcgi_param  SCRIPT_FILENAME    $document_root$fastcgi_script_name;
        fastcgi_param  QUERY_STRING       $query_string;
        fastcgi_param  REQUEST_METHOD     $request_method;
        fastcgi_param  REMOTE_USER        $remote_user;
        """,
        "proxy_params": """
        proxy_set_header Host $http_host;
        proxy_set_header X-Real-IP $remote_addr;
        """,
    ]

    func configuration() throws -> NginxConfiguration {
        var text = """
            # configuration file /etc/nginx/nginx.conf:
            events { }
            http {
                include conf.d/*.conf;
                include shop.conf;
            }

            # configuration file /etc/nginx/shop.conf:
            \(http)
            server { \(head)
            \(server)
            }

            """
        for path in NginxFixture.files {
            text += "# configuration file /etc/nginx/\(path):\n"
            text += change(path, try NginxFixture.shipped("nginx/\(path)")) + "\n"
        }
        for (path, content) in NginxFixture.debian.sorted(by: { $0.key < $1.key }) {
            text += "# configuration file /etc/nginx/\(path):\n\(content)\n"
        }
        return try NginxConfiguration(NginxDump(Array(text.utf8)))
    }

    func findings() throws -> [Finding] {
        NginxReport(try configuration(), settings, version: "1.22.1").findings
    }

    /// All but the "ok" lines.
    func faults() throws -> [Finding] { try findings().filter { $0.state != .ok } }
}
