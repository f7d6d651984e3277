import Archiving
import Glibc
import SystemPackage

/// The caches of a project, or of all that share its namespace, as objects of a store: one object an entry, which is a zip
/// of the entry's archives.
///
/// Keys are `<namespace or project>/<version>.zip` for caches without a key, and
/// `<namespace or project>/<version>/<key>.zip` for others, where the version is that of the list of paths.
struct SharedCache: CacheKeeper {
    var objects: any CacheObjects
    /// `cacheNamespace`, or the project's name.
    var namespace: String
    /// Makes versions.
    var hasher: any ContentHasher

    let isShared = true

    func fetch(
        _ wanted: CacheIdentity, fallbackKeys: [String], into scratch: FilePath
    ) async throws(RunnerFailure) -> FilePath? {
        try BuildFiles.makeDirectories(scratch)
        let file = scratch.appending("entry.zip")
        if try await objects.fetch(objectKey(wanted), to: file) { return try unpacked(file, in: scratch) }
        guard wanted.key != nil else { return nil }
        for prefix in fallbackKeys where !prefix.isEmpty {
            let start = "\(folder(wanted.paths))/\(Self.encoded(prefix))"
            guard let found = try await objects.newest(beginningWith: start) else { continue }
            // What was there a moment ago may be removed by a lifecycle rule.
            if try await objects.fetch(found, to: file) { return try unpacked(file, in: scratch) }
        }
        return nil
    }

    func has(_ identity: CacheIdentity) async throws(RunnerFailure) -> Bool {
        try await objects.has(objectKey(identity))
    }

    func add(
        _ identity: CacheIdentity, of build: String, at time: Timestamp, from staged: FilePath
    ) async throws(RunnerFailure) {
        let file = staged.removingLastComponent().appending("cache-entry.zip")
        defer { BuildFiles.removeQuietly(file) }
        try pack(staged, to: file)
        try await objects.store(file, as: objectKey(identity))
    }

    private func objectKey(_ identity: CacheIdentity) -> String {
        let folder = folder(identity.paths)
        return (identity.key.map { "\(folder)/\(Self.encoded($0))" } ?? folder) + ".zip"
    }

    private func folder(_ paths: [String]) -> String {
        let digest = hasher.running()
        for path in paths { Array(path.utf8 + [0]).withUnsafeBytes { digest.update($0) } }
        return "\(Self.encoded(namespace))/\(digest.finish().sha256)"
    }

    /// A text as one component of a key: encoded byte for byte, so that the beginning of a text stays the beginning.
    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain =
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
            if isPlain { return String(UnicodeScalar(byte)) }
            return (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }

    private func pack(_ staged: FilePath, to path: FilePath) throws(RunnerFailure) {
        do {
            let selector = try FileSelector(root: staged, sourceDirectory: "/")
            let selection = try selector.select(ArtifactSelectionRequest(patterns: ["*.zip"]))
            let file = try FileDescriptor.open(
                path, .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: .ownerReadWrite)
            defer { try? file.close() }
            _ = try ZipWriter(options: ZipOptions(level: 1)).write(selection, to: file)
        } catch let error as ArchivingError {
            throw RunnerFailure("save the cache", error.description, hint: error.hint)
        } catch let error as Errno {
            throw RunnerFailure("save the cache", error, at: path)
        } catch {
            throw RunnerFailure("save the cache", "\(error)")
        }
    }

    private func unpacked(_ file: FilePath, in scratch: FilePath) throws(RunnerFailure) -> FilePath {
        let entry = scratch.appending("entry")
        do throws(ArchivingError) {
            _ = try ArchiveUnpacker().unpack(file, into: entry)
        } catch {
            throw RunnerFailure("restore the cache", error.description, hint: error.hint)
        }
        unlink(file.string)
        return entry
    }
}
