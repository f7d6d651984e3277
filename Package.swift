// swift-tools-version: 6.2
import PackageDescription

/// Given to every Swift target, so that no target can forget one.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .treatAllWarnings(as: .error),
]

let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")

/// One room of the house: a library target with the shared settings.
///
/// Arrows (`dependencies`) only point to lower layers.
func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// The tests of one room.
///
/// `TestSupport` is the shared kit: scratch directories, servers, the real binary. `data` names directories
/// of files that the tests read where they lie.
func tests(_ name: String, _ dependencies: [Target.Dependency], data: [String] = []) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: dependencies + ["TestSupport"],
        exclude: data, resources: [], swiftSettings: settings)
}

let package = Package(
    name: "buildspec",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "buildspec", targets: ["BuildspecCommand"]),
        .library(name: "Buildspec", targets: ["Buildspec"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        // Layer 0: system libraries and what knows nothing of anybody else.
        .systemLibrary(
            name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(
            name: "CLibDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        // Its headers are needed here, and the library when an archive is opened.
        .target(name: "CLibArchive"),
        .target(name: "CLinuxCalls"),
        .target(name: "CSystemDigest"),
        room("Diagnostics"),
        room("Masking"),
        room("RetryPattern"),
        room("Reports"),

        // Layer 1
        room("YAMLTree", ["CLibYAML", "Diagnostics"]),
        room("ShellScript"),

        // Layer 2
        room("Buildspec", ["YAMLTree", "Diagnostics", "RetryPattern", "ShellScript"]),
        room("Archiving", ["CLibArchive", "CLibDeflate", "CLinuxCalls", "CZlib", system]),
        room("Envelope", ["CLinuxCalls", "CSystemDigest", crypto, system]),
        room(
            "Sandbox",
            [
                "Masking", "ShellScript", "CLinuxCalls", system,
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]),
        room(
            "AWSClient",
            [
                "CLibDeflate", crypto, system,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]),

        // Layer 3
        room("ShellChecks", ["Buildspec", "Diagnostics", "ShellScript", "CLinuxCalls", system]),
        room("BuildProject", ["Buildspec", "YAMLTree", "Diagnostics", "RetryPattern"]),
        room("Packaging", ["Archiving", "YAMLTree", "Diagnostics", crypto, system]),

        // Layer 4
        room(
            "BuildEngine",
            [
                "Buildspec", "BuildProject", "Sandbox", "Packaging", "Archiving", "Masking", "Diagnostics",
                "Reports", "RetryPattern", "CLinuxCalls", "YAMLTree", system,
            ]),

        // Layer 5
        room(
            "AWSAdapters",
            [
                "Archiving", "BuildEngine", "BuildProject", "Buildspec", "AWSClient", "Envelope", "Masking",
                "Packaging",
                crypto, system,
            ]),

        // Layer 6
        room("PipelineWorker", ["AWSAdapters", "BuildEngine", "AWSClient"]),

        // Layer 7
        room(
            "Operations",
            [
                "AWSClient", "PipelineWorker", system,
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),

        // Layers 8 and 9
        room(
            "Commands",
            [
                "AWSAdapters", "AWSClient", "Archiving", "BuildEngine", "BuildProject", "Buildspec",
                "Diagnostics",
                "CLinuxCalls", "Envelope", "Masking", "Operations", "Packaging", "PipelineWorker", "Sandbox",
                "ShellChecks", "YAMLTree",
                crypto, system,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]),
        // Nobody looks up this executable's forty thousand functions by name, but the loader reads them at each start.
        .executableTarget(
            name: "BuildspecCommand", dependencies: ["Commands"], swiftSettings: settings,
            linkerSettings: [.unsafeFlags(["-Xlinker", "--no-export-dynamic"], .when(platforms: [.linux]))]),

        // What `make bench` measures beside the command.
        .executableTarget(
            name: "UploadBenchmark", dependencies: ["AWSClient", system],
            path: "Tests/Benchmarks/UploadBenchmark", swiftSettings: settings),

        // Tests
        .target(
            name: "TestSupport",
            dependencies: ["Sandbox", system, .product(name: "Subprocess", package: "swift-subprocess")],
            path: "Tests/TestSupport", swiftSettings: settings),
        tests("Diagnostics", ["Diagnostics"]),
        tests("Masking", ["Masking"]),
        tests("RetryPattern", ["RetryPattern"]),
        tests("Reports", ["Reports"]),
        tests("YAMLTree", ["YAMLTree", "Diagnostics"]),
        tests("ShellScript", ["ShellScript"]),
        tests("ShellChecks", ["ShellChecks", "Buildspec", "Diagnostics", "ShellScript", system]),
        tests("Buildspec", ["Buildspec", "YAMLTree", "Diagnostics", system], data: ["Cases"]),
        tests("Archiving", ["Archiving", system]),
        tests("Envelope", ["Envelope", crypto, system]),
        tests(
            "Sandbox",
            ["Sandbox", "Masking", system, .product(name: "Subprocess", package: "swift-subprocess")]),
        tests("AWSClient", ["AWSClient", crypto, system]),
        tests("Packaging", ["Packaging", "Archiving", system]),
        tests("BuildProject", ["BuildProject", "Diagnostics"], data: ["Cases"]),
        tests(
            "BuildEngine",
            [
                "BuildEngine", "Buildspec", "BuildProject", "Sandbox", "Masking", system,
                .product(name: "Subprocess", package: "swift-subprocess"),
            ], data: ["Cases"]),
        tests("AWSAdapters", ["AWSAdapters", "BuildEngine", "AWSClient", "Envelope", system]),
        tests("Commands", [system], data: ["Archives", "Templates"]),
        tests("PipelineWorker", ["AWSClient", "PipelineWorker", "BuildEngine", system]),
        tests("Operations", ["AWSClient", "Operations", "PipelineWorker", system]),
        tests("Documentation", [system]),
    ]
)
