// swift-tools-version: 6.2
import PackageDescription

// Walls import C and give out Swift values only; plain targets import neither C nor Glibc.
// Who may import whom is drawn in docs/architecture.md and enforced by scripts/test with
// --explicit-target-dependency-import-check error.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
]

func systemLibrary(_ name: String, pkgConfig: String, apt package: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}

func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func program(_ name: String, path: String? = nil, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: path, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], data: Bool = false) -> Target {
    .testTarget(
        name: name + "Tests",
        dependencies: [.target(name: name)] + dependencies,
        resources: data ? [.copy("Vectors")] : [],
        swiftSettings: strict)
}

let package = Package(
    name: "postern",
    products: [
        .executable(name: "posternd", targets: ["posternd"]),
        .executable(name: "postern", targets: ["postern"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/LebJe/TOMLKit", exact: "0.6.0"),
    ],
    targets: [
        systemLibrary("CFastCGI", pkgConfig: "fcgi", apt: "libfcgi-dev"),
        systemLibrary("CLibcrypto", pkgConfig: "libcrypto", apt: "libssl-dev"),
        systemLibrary("CMariaDB", pkgConfig: "libmariadb", apt: "libmariadb-dev"),
        systemLibrary("CCrypt", pkgConfig: "libcrypt", apt: "libcrypt-dev"),

        // Walls.
        room("System"),
        room("FastCGI", ["CFastCGI", "HTTP", "System"]),
        room("Cryptography", ["CLibcrypto", "CCrypt", "System"]),
        room("Database", ["CMariaDB", "System"]),
        room("RateWindows", ["System"]),

        // Plain Swift.
        room("HTTP", ["System"]),
        room("Tokens", ["Cryptography", "System"]),
        room("Accounts", ["Database", "Cryptography", "System"]),
        room(
            "Service",
            [
                "HTTP", "Tokens", "Accounts", "RateWindows", "Cryptography", "System",
                .product(name: "TOMLKit", package: "TOMLKit"),
                .product(name: "Logging", package: "swift-log"),
            ]),

        // Programs.
        program("posternd", ["Service", "FastCGI", "System"]),
        program(
            "postern",
            [
                "Service", "Tokens", "Accounts", "RateWindows", "Cryptography", "System",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),

        // Tests, one folder per target; end-to-end tests are in Tests/EndToEnd (Python).
        .target(name: "TestKit", dependencies: ["HTTP", "System"], path: "Tests/TestKit", swiftSettings: strict),
        .target(
            name: "TestDatabase", dependencies: ["Database", "System"], path: "Tests/TestDatabase",
            swiftSettings: strict),
        program("GateFuzz", path: "Tests/GateFuzz", ["FastCGI", "TestKit", "System"]),
        program("RateStress", path: "Tests/RateStress", ["RateWindows", "System"]),
        tests("System", []),
        tests("HTTP", []),
        tests("FastCGI", ["HTTP", "System", "TestKit"]),
        tests("Cryptography", ["System"], data: true),
        tests("Database", ["System", "TestDatabase"]),
        tests("RateWindows", ["System"]),
        tests("Tokens", ["Cryptography", "System"], data: true),
        tests("Accounts", ["Database", "Cryptography", "System", "TestDatabase"], data: true),
        tests("postern", ["Service", "Tokens", "Accounts", "RateWindows", "Cryptography", "System"]),
        tests(
            "Service",
            [
                "HTTP", "Tokens", "Accounts", "RateWindows", "Cryptography", "Database", "System", "TestKit",
                "TestDatabase", .product(name: "Logging", package: "swift-log"),
            ]),
        tests("posternd", ["FastCGI", "Service", "System"]),
    ]
)
