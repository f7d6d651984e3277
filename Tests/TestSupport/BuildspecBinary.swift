import Glibc
import SystemPackage

extension Program {
    /// The `buildspec` executable that was built together with the running tests, debug or release.
    ///
    /// - Throws: a failure that says what to build when it is not there.
    package static func buildspec() throws -> Program {
        guard let resolved = realpath("/proc/self/exe", nil) else {
            throw Failure(description: "/proc/self/exe cannot be read")
        }
        defer { free(resolved) }
        // The tests run in `<build directory>/buildspecPackageTests.xctest`, or are loaded by a tool of the toolchain
        // which is given that path.
        let candidates = [FilePath(String(cString: resolved))] + CommandLine.arguments.map { FilePath($0) }
        for candidate in candidates {
            var directory = candidate.removingLastComponent()
            for _ in 0..<2 {
                let executable = directory.appending("buildspec")
                if access(executable.string, X_OK) == 0, !directory.isEmpty { return Program(executable) }
                directory = directory.removingLastComponent()
            }
        }
        throw Failure(
            description:
                "no executable `buildspec` beside \(candidates[0]): run `swift build --product buildspec`")
    }
}
