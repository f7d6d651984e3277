import FoundationEssentials
package import SystemPackage

/// A directory of one test's own, removed with all it holds when the test ends.
package struct ScratchDirectory: Sendable {
    /// Absolute path.
    package let path: FilePath

    /// Writes a file below the directory, its parent directories included, and returns its path.
    @discardableResult
    package func write(_ text: String, to name: String) throws -> FilePath {
        try write(Array(text.utf8), to: name)
    }

    /// Writes a file below the directory, its parent directories included, and returns its path.
    @discardableResult
    package func write(_ bytes: [UInt8], to name: String) throws -> FilePath {
        let file = path.appending(name)
        try FileManager.default.createDirectory(
            atPath: file.removingLastComponent().string, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(filePath: file.string))
        return file
    }

    /// The names of what is in the directory, sorted.
    package func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path.string).sorted()
    }

    /// The bytes of a file below the directory.
    package func read(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: path.appending(name).string)))
    }
}

/// Makes a scratch directory for `body` and removes it afterwards, also on errors.
package func withScratchDirectory<R>(_ body: (ScratchDirectory) async throws -> R) async throws -> R {
    let parent = FileManager.default.temporaryDirectory.path
    let path = FilePath(parent).appending("buildspec-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
        atPath: path.string, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(atPath: path.string) }
    return try await body(ScratchDirectory(path: path))
}
