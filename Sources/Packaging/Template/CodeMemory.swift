import Archiving
import Crypto
import Glibc
package import SystemPackage

/// Remembers, in private files of the user's cache directory, what the contents of code directories were, and which
/// zip they became; so that what did not change is neither read nor packed again.
///
/// What cannot be read or written is not remembered; nothing depends on it.
package struct CodeMemory: Sendable {
    /// A zip that was made before.
    struct Zip: Sendable, Hashable {
        /// Its MD5, hexadecimal.
        let md5: String
    }

    private let directory: FilePath
    private static let mark = Array("buildspec code 1\n".utf8)
    private static let largest = 512 << 20
    /// Zips that are remembered; beyond this the older half is forgotten.
    private static let limit = 4_000

    /// Remembers below a directory, which is made when it is needed.
    package init(_ directory: FilePath) {
        self.directory = directory
    }

    /// What is known of the files of a directory.
    func contents(of tree: FilePath) -> KnownContents {
        guard let bytes = read(name(of: tree)), bytes.starts(with: Self.mark) else { return KnownContents() }
        return KnownContents(bytes, from: Self.mark.count)
    }

    /// Writes down what is known now, sorted by name.
    func remember(_ contents: [(name: [UInt8], status: FileStatus, digest: ContentHash)], of tree: FilePath) {
        var bytes = Self.mark
        for (name, status, digest) in contents {
            KnownContents.append(name: name, status: status, digest: digest, to: &bytes)
        }
        guard bytes.count <= Self.largest else { return }
        write(bytes, as: name(of: tree))
    }

    /// The zip that contents became.
    func zip(of digest: String) -> Zip? {
        guard let bytes = read("zip-\(digest)"), bytes.count == 32,
            bytes.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { return nil }
        return Zip(md5: String(decoding: bytes, as: UTF8.self))
    }

    /// Writes down which zip contents became.
    func remember(_ zip: Zip, of digest: String) {
        write(Array(zip.md5.utf8), as: "zip-\(digest)")
    }

    private func name(of tree: FilePath) -> String {
        "tree-" + hexadecimal(SHA256.hash(data: Array(tree.string.utf8)).prefix(16))
    }

    private func read(_ name: String) -> [UInt8]? {
        let path = directory.appending(name)
        guard let file = try? FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .noFollow]) else {
            return nil
        }
        defer { try? file.close() }
        var status = stat()
        guard fstat(file.rawValue, &status) == 0, status.st_uid == geteuid(), status.st_mode & 0o022 == 0,
            status.st_mode & S_IFMT == S_IFREG, status.st_size <= Self.largest
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = try? bytes.withUnsafeMutableBytes { try file.read(fromAbsoluteOffset: 0, into: $0) }
        return count == bytes.count ? bytes : nil
    }

    private func write(_ bytes: [UInt8], as name: String) {
        makeMissingDirectories(directory)
        let draft = directory.appending("\(name).\(String(UInt64.random(in: 0 ... .max), radix: 36))")
        guard
            let file = try? FileDescriptor.open(
                draft, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec, .noFollow],
                permissions: .ownerReadWrite)
        else { return }
        let isWritten = (try? file.closeAfter { try file.writeAll(bytes) }) == bytes.count
        guard isWritten, rename(draft.string, directory.appending(name).string) == 0 else {
            unlink(draft.string)
            return
        }
    }

    /// Forgets what was not written for the longest time, where there is too much.
    func forgetIfMany() {
        guard let stream = opendir(directory.string) else { return }
        defer { closedir(stream) }
        var files: [(name: String, modified: Int)] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasPrefix("zip-") || name.hasPrefix("tree-") else { continue }
            files.append((name, 0))
        }
        guard files.count > Self.limit else { return }
        for index in files.indices {
            var status = stat()
            guard stat(directory.appending(files[index].name).string, &status) == 0 else { continue }
            files[index].modified = status.st_mtim.tv_sec
        }
        for file in files.sorted(by: { $0.modified < $1.modified }).prefix(files.count / 2) {
            unlink(directory.appending(file.name).string)
        }
    }
}

/// Bytes as hexadecimal digits in lower case.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    bytes.reduce(into: "") { text, byte in
        text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
}
