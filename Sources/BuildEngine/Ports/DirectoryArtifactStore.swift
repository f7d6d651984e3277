import Glibc
package import SystemPackage

/// Artifacts in a directory of this machine: each object a file, which is there whole or not at all.
package struct DirectoryArtifactStore: ArtifactStore {
    /// The directory; made when the first artifact is stored.
    package let directory: FilePath

    /// Stores below a directory.
    package init(directory: FilePath) {
        self.directory = directory
    }

    /// The file's absolute path.
    package func location(ofKey key: String) -> String {
        directory.appending(key).string
    }

    /// Copies the object beside its place, forces it to disk, and renames it.
    /// - Throws: ``RunnerFailure`` when it cannot be written; nothing is left then.
    package func store(_ object: ArtifactObject) async throws(RunnerFailure) -> StoredArtifact {
        let target = directory.appending(object.key)
        let parent = target.removingLastComponent()
        try BuildFiles.makeDirectories(parent)
        PartialFiles.sweep(parent)
        // Its length must not depend on the key's, which may be as long as a name can be.
        let temporary = parent.appending(".\(getpid())-\(UInt64.random(in: .min ... .max)).partial")
        do {
            try copy(object.file, to: temporary)
        } catch {
            unlink(temporary.string)
            throw error
        }
        guard rename(temporary.string, target.string) == 0 else {
            let error = errno
            unlink(temporary.string)
            throw Self.failure(target, Errno(rawValue: error))
        }
        return StoredArtifact(location: target.string)
    }

    private func copy(_ source: FilePath, to target: FilePath) throws(RunnerFailure) {
        do {
            let reader = try FileDescriptor.open(source, .readOnly, options: .closeOnExec)
            defer { try? reader.close() }
            let writer = try FileDescriptor.open(
                target, .writeOnly, options: [.create, .truncate, .noFollow, .closeOnExec],
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
            defer { try? writer.close() }
            PartialFiles.hold(writer)
            var buffer = [UInt8](repeating: 0, count: 1 << 20)
            while true {
                if Task.isCancelled { throw RunnerFailure("store \(target)", "stopped") }
                let count = try buffer.withUnsafeMutableBytes { try reader.read(into: $0) }
                if count == 0 { break }
                _ = try writer.writeAll(buffer.prefix(count))
            }
            guard fsync(writer.rawValue) == 0 else { throw Errno(rawValue: errno) }
        } catch let error as Errno {
            throw Self.failure(target, error)
        } catch let error as RunnerFailure {
            throw error
        } catch {
            throw RunnerFailure("store \(target)", "\(error)")
        }
    }

    private static func failure(_ path: FilePath, _ error: Errno) -> RunnerFailure {
        let hint =
            error == .noSpace ? "free space on the file system of \(path), or choose another --output" : nil
        return RunnerFailure("store \(path)", error.description, hint: hint)
    }
}
