import FoundationEssentials
import Glibc
package import SystemPackage

/// A directory in which each multipart upload has a small file for as long as it is under way.
///
/// The file is locked by the process that sends: a file that is there without a lock is what a killed process left. Only
/// names, sizes and the upload's id are in it, no secret.
package struct UploadJournal: Sendable {
    private let directory: FilePath

    /// A journal in a directory, which is made when it is needed; only this user can read it.
    package init(directory: FilePath) {
        self.directory = directory
    }

    /// What is remembered of an upload.
    struct Entry: Codable, Equatable, Sendable {
        var endpoint: String
        var region: String
        var bucket: String
        var key: String
        var uploadID: String
        var expectedBucketOwner: String?
        /// SHA-256 of the attributes.
        var attributes: String
    }

    /// An open and locked file of the journal.
    final class Record: Sendable {
        let entry: Entry
        private let path: FilePath
        private let file: FileDescriptor

        init(_ entry: Entry, path: FilePath, file: FileDescriptor) {
            self.entry = entry
            self.path = path
            self.file = file
        }

        deinit {
            try? file.close()
        }

        /// Forgets the upload.
        func remove() {
            unlink(path.string)
        }
    }

    /// Remembers an upload; nil when that is not possible, which never hinders the upload itself.
    func add(_ entry: Entry) -> Record? {
        guard let bytes = try? JSONEncoder().encode(entry) else { return nil }
        let attributes = [FileAttributeKey.posixPermissions: 0o700]
        try? FileManager.default.createDirectory(
            atPath: directory.string, withIntermediateDirectories: true, attributes: attributes)
        let path = directory.appending(Array(entry.uploadID.utf8).sha256.hexadecimal)
        let options: FileDescriptor.OpenOptions = [.create, .exclusiveCreate, .closeOnExec, .noFollow]
        guard
            let file = try? FileDescriptor.open(
                path, .readWrite, options: options, permissions: .ownerReadWrite)
        else { return nil }
        let record = Record(entry, path: path, file: file)
        guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0, (try? file.writeAll(bytes)) == bytes.count else {
            record.remove()
            return nil
        }
        return record
    }

    /// The uploads of processes that are gone.
    func leftovers() -> [Record] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory.string) else {
            return []
        }
        return names.sorted().prefix(1000).compactMap { name in
            let path = directory.appending(name)
            let options: FileDescriptor.OpenOptions = [.closeOnExec, .noFollow, .nonBlocking]
            guard let file = try? FileDescriptor.open(path, .readWrite, options: options) else { return nil }
            var bytes = [UInt8](repeating: 0, count: 16 << 10)
            guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0,
                let count = try? bytes.withUnsafeMutableBytes({ try file.read(into: $0) })
            else {
                try? file.close()
                return nil
            }
            guard let entry = try? JSONDecoder().decode(Entry.self, from: Data(bytes.prefix(count))) else {
                // Killed while it was being written, or no file of ours.
                try? file.close()
                return nil
            }
            return Record(entry, path: path, file: file)
        }
    }
}
