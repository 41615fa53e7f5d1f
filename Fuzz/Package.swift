// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that a plain build never compiles it. It builds the rooms anew from the same sources (`Sources`
// is a link), because every line that is to be watched needs the compiler's instruments, and because what is attacked is
// internal to its room: a package that depended on ours could ask for neither.
let instruments = "-sanitize=fuzzer,address"
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    // Optimized, for speed, but with the library's own checks: a release build looks at no bound of a raw buffer.
    .unsafeFlags([instruments, "-assert-config", "Debug", "-enable-testing"]),
]

let log: Target.Dependency = .product(name: "Logging", package: "swift-log")
let toml: Target.Dependency = .product(name: "TOMLKit", package: "TOMLKit")

func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/\(name)", swiftSettings: settings)
}

let package = Package(
    name: "agentd-fuzz",
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    ],
    targets: [
        .target(name: "CLinux", path: "Sources/CLinux"),
        .systemLibrary(name: "CCurl", path: "Sources/CCurl", pkgConfig: "libcurl"),
        .systemLibrary(name: "CSQLite", path: "Sources/CSQLite", pkgConfig: "sqlite3"),
        room("AgentProtocol"),
        room("AgentLoop", ["CLinux"]),
        room("AgentSystem", ["CLinux"]),
        room("AgentHTTP", ["AgentLoop", "CCurl"]),
        room("AgentEngine", ["AgentProtocol"]),
        room("AgentStore", ["AgentEngine", "AgentProtocol", "AgentLoop", "CSQLite"]),
        room("AgentProviders", ["AgentEngine", "AgentProtocol", "AgentHTTP", "AgentLoop", "AgentSystem", log]),
        room("AgentServer", ["AgentEngine", "AgentProtocol", "AgentSystem", "AgentLoop", log]),
        room("AgentConfig", ["AgentProtocol", toml]),

        .target(
            name: "FuzzTargets",
            dependencies: [
                "AgentConfig", "AgentEngine", "AgentProtocol", "AgentProviders", "AgentServer", "AgentStore", toml,
            ],
            path: "Tests/Targets", swiftSettings: settings),
        .target(
            name: "FuzzSeeds", dependencies: ["AgentEngine", "AgentProtocol", "AgentProviders"], path: "Seeds",
            swiftSettings: settings),
        .target(name: "CFuzzer", path: "CFuzzer"),
        .executableTarget(
            name: "agentd-fuzz", dependencies: ["CFuzzer", "FuzzSeeds", "FuzzTargets"], path: "Driver",
            swiftSettings: settings,
            // The linker that is the default here cannot link this.
            linkerSettings: [.unsafeFlags([instruments, "-use-ld=lld"])]),
    ],
    cxxLanguageStandard: .cxx17
)
