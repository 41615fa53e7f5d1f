// swift-tools-version: 6.2
import PackageDescription

// One list of settings for every target of ours. CI sets AGENTD_STRICT so that a warning is an error there, while a
// newer compiler's new warning does not stop a user's build.
var settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    // The tests run with the checks that find overlapping accesses while the program runs; at a thousand streams they are a
    // twentieth of a token's cost.
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
]
if Context.environment["AGENTD_STRICT"] != nil {
    settings.append(.treatAllWarnings(as: .error))
}

let log: Target.Dependency = .product(name: "Logging", package: "swift-log")

let package = Package(
    name: "agentd",
    products: [.executable(name: "agentd", targets: ["agentd"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    ],
    targets: [
        // Ground floor: knows nobody of ours.
        .target(name: "CLinux"),
        .target(name: "AgentProtocol", swiftSettings: settings),
        .target(name: "AgentLoop", dependencies: ["CLinux"], swiftSettings: settings),
        .target(name: "AgentSystem", dependencies: ["CLinux"], swiftSettings: settings),

        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .target(name: "AgentHTTP", dependencies: ["AgentLoop", "CCurl"], swiftSettings: settings),

        // First floor: the decisions.
        .target(name: "AgentEngine", dependencies: ["AgentProtocol"], swiftSettings: settings),

        // Second floor: rooms that do not know each other.
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .target(
            name: "AgentStore", dependencies: ["AgentEngine", "AgentProtocol", "AgentLoop", "CSQLite"],
            swiftSettings: settings),
        .target(
            name: "AgentProviders",
            dependencies: ["AgentEngine", "AgentProtocol", "AgentHTTP", "AgentLoop", "AgentSystem", log],
            swiftSettings: settings),
        .target(
            name: "AgentServer", dependencies: ["AgentEngine", "AgentProtocol", "AgentSystem", "AgentLoop", log],
            swiftSettings: settings),
        .target(
            name: "AgentConfig",
            dependencies: ["AgentProtocol", .product(name: "TOMLKit", package: "TOMLKit")],
            swiftSettings: settings),

        // Roof: the only target that knows every room.
        .executableTarget(
            name: "agentd",
            dependencies: [
                "AgentConfig", "AgentEngine", "AgentHTTP", "AgentLoop", "AgentProtocol", "AgentProviders",
                "AgentServer",
                "AgentStore", "AgentSystem", log,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings),

        // Yard: never shipped.
        .target(name: "CFaultVFS", dependencies: ["CSQLite"], path: "Tests/CFaultVFS"),
        .target(
            name: "AgentTestKit",
            dependencies: [
                "AgentEngine", "AgentLoop", "AgentProtocol", "AgentProviders", "AgentServer", "AgentStore",
                "AgentSystem", "CFaultVFS", "CLinux", "CSQLite",
            ],
            path: "Tests/AgentTestKit", swiftSettings: settings),
        .testTarget(name: "AgentProtocolTests", dependencies: ["AgentProtocol"], swiftSettings: settings),
        .testTarget(name: "AgentLoopTests", dependencies: ["AgentLoop", "AgentTestKit"], swiftSettings: settings),
        .testTarget(name: "AgentSystemTests", dependencies: ["AgentSystem", "AgentTestKit"], swiftSettings: settings),
        .testTarget(
            name: "AgentHTTPTests", dependencies: ["AgentHTTP", "AgentLoop", "AgentTestKit"], swiftSettings: settings),
        .testTarget(
            name: "AgentEngineTests", dependencies: ["AgentEngine", "AgentProtocol", "AgentTestKit"],
            swiftSettings: settings),
        .testTarget(
            name: "AgentStoreTests",
            dependencies: ["AgentStore", "AgentEngine", "AgentLoop", "AgentProtocol", "AgentTestKit", "CSQLite"],
            swiftSettings: settings),
        .testTarget(
            name: "AgentProvidersTests",
            dependencies: ["AgentProviders", "AgentEngine", "AgentProtocol", "AgentLoop", "AgentTestKit"],
            swiftSettings: settings),
        .testTarget(
            name: "ProviderFaultTests",
            dependencies: [
                "AgentProviders", "AgentHTTP", "AgentEngine", "AgentLoop", "AgentProtocol", "AgentStore", "AgentSystem",
                "AgentTestKit", log,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "AgentServerTests",
            dependencies: ["AgentServer", "AgentEngine", "AgentLoop", "AgentProtocol", "AgentTestKit", log],
            swiftSettings: settings),
        .testTarget(
            name: "AgentConfigTests",
            dependencies: ["agentd", "AgentConfig", "AgentProtocol", "AgentProviders", "AgentTestKit"],
            swiftSettings: settings),
        .testTarget(
            name: "AgentdTests",
            dependencies: [
                "agentd", "AgentConfig", "AgentLoop", "AgentProtocol", "AgentStore", "AgentSystem", "AgentTestKit", log,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "CommandLineTests", dependencies: ["agentd", "AgentTestKit", "AgentProtocol"],
            swiftSettings: settings),
        .testTarget(
            name: "ConformanceTests",
            dependencies: ["agentd", "AgentConfig", "AgentLoop", "AgentProtocol", "AgentTestKit", log],
            swiftSettings: settings),
        .testTarget(
            name: "DiskTests",
            dependencies: [
                "agentd", "AgentConfig", "AgentEngine", "AgentLoop", "AgentProtocol", "AgentStore", "AgentTestKit",
                "CSQLite", log,
            ],
            swiftSettings: settings),
        // The bodies that `make fuzz` attacks, which has a package of its own for them in Fuzz/.
        .testTarget(
            name: "FuzzTests",
            dependencies: [
                "AgentConfig", "AgentEngine", "AgentProtocol", "AgentProviders", "AgentServer", "AgentStore",
                "AgentTestKit", .product(name: "TOMLKit", package: "TOMLKit"),
            ],
            path: "Fuzz/Tests", swiftSettings: settings),
        .testTarget(
            name: "FaultTests", dependencies: ["agentd", "AgentTestKit", "AgentProtocol"], swiftSettings: settings),
    ]
)
