import BuildEngine
import Subprocess
import SystemPackage

/// A zip that a build stored.
struct StoredZip: Sendable {
    var key: String
    var contentType: String
    var metadata: [String: String]
    /// A line per entry, as Python's zipfile reads it: name, size, `x` for executable, `->` for a link.
    var entries: [String]
}

/// Remembers what it is given, looked at by a zip reader that is not ours.
actor RecordingStore: ArtifactStore {
    private(set) var stored: [StoredZip] = []

    private static let listing = """
        import stat, sys, zipfile
        with zipfile.ZipFile(sys.argv[1]) as archive:
            assert archive.testzip() is None
            for entry in archive.infolist():
                mode = entry.external_attr >> 16
                if stat.S_ISLNK(mode):
                    print(f"{entry.filename} -> {archive.read(entry).decode()}")
                else:
                    print(f"{entry.filename} {entry.file_size}{' x' if mode & 0o100 else ''}")
        """

    func store(_ object: ArtifactObject) async throws(RunnerFailure) -> StoredArtifact {
        let entries: [String]
        do {
            let result = try await Subprocess.run(
                .name("python3"), arguments: ["-c", Self.listing, object.file.string],
                environment: .inherit.updating(["PYTHONIOENCODING": "utf-8"]),
                output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 16))
            guard result.terminationStatus.isSuccess else {
                throw RunnerFailure("read the zip", result.standardError)
            }
            entries = result.standardOutput.split(separator: "\n").map(String.init)
        } catch {
            throw RunnerFailure("read the zip", "\(error)")
        }
        stored.append(
            StoredZip(
                key: object.key, contentType: object.contentType, metadata: object.metadata, entries: entries)
        )
        return StoredArtifact(location: location(ofKey: object.key))
    }

    nonisolated func location(ofKey key: String) -> String { "arn:aws:s3:::bucket/\(key)" }
}
