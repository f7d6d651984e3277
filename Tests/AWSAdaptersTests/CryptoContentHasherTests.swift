import AWSAdapters
import BuildEngine
import SystemPackage
import TestSupport
import Testing

/// Hashes of files, against the system's own tools.
@Suite struct CryptoContentHasherTests {
    @Test(arguments: [0, 1, 63, 64, 65, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5_000_001])
    func `agrees with md5sum and sha256sum`(size: Int) async throws {
        try await withScratchDirectory { scratch in
            var generator = SystemRandomNumberGenerator()
            let file = try scratch.write(
                (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) }, to: "f")
            let digest = try await CryptoContentHasher().digest(of: file)
            for (tool, expected) in [("/usr/bin/md5sum", digest.md5), ("/usr/bin/sha256sum", digest.sha256)] {
                let outcome = try await Program(FilePath(tool)).run(.init([file.string]))
                #expect(outcome.standardOutput.split(separator: " ").first.map(String.init) == expected)
            }
        }
    }

    @Test func `says which file cannot be read`() async throws {
        await #expect {
            _ = try await CryptoContentHasher().digest(of: "/nonexistent/file")
        } throws: { error in
            (error as? RunnerFailure)?.description.contains("/nonexistent/file") == true
        }
    }
}
