// swift-tools-version: 6.2
import PackageDescription

/// A package of its own: a fuzzer brings its own `main`, and everything must be built with its instrumentation.
let package = Package(
    name: "fuzzing",
    dependencies: [.package(name: "buildspec", path: "../..")],
    targets: [
        .executableTarget(
            name: "BuildspecFuzzer", dependencies: [.product(name: "Buildspec", package: "buildspec")],
            swiftSettings: [
                .swiftLanguageMode(.v6), .unsafeFlags(["-sanitize=fuzzer,address", "-parse-as-library"]),
            ],
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address"])])
    ]
)
