import Archiving
import Crypto
import Glibc
import Synchronization
package import SystemPackage

/// Remembers, in a private file of the user's cache directory, what the contents of code directories were, and which
/// zips they became; so that what did not change is neither read nor packed again.
///
/// There is one file for the templates of each directory, which is read when something is first asked and written once
/// after a run: to create a file takes as long as to compress a small function. Of two runs at a time the later one's
/// stays.
///
/// What cannot be read or written is not remembered; nothing depends on it.
package final class CodeMemory: Sendable {
    /// A zip that was made before.
    struct Zip: Sendable, Hashable {
        /// Its MD5, hexadecimal.
        let md5: String
    }

    private struct State {
        var isLoaded = false
        /// Whether something is to be written down.
        var isNews = false
        var trees = CodeRecords()
        var zips = CodeRecords()
    }

    private let directory: FilePath
    private let name: String
    private let state = Mutex(State())

    private static let mark = Array("buildspec code 2\n".utf8)
    /// Bytes of a file that is believed.
    private static let largest = 512 << 20
    /// Bytes of what this run has not asked for, and of all zips.
    private static let (mostTreeBytes, mostZipBytes) = (8 << 20, 256 << 10)
    /// Files that are kept; beyond this the older half is forgotten.
    private static let limit = 1_000

    /// Remembers below a directory, which is made when it is needed.
    ///
    /// - Parameters:
    ///   - directory: where the files are.
    ///   - templates: the directory of the templates whose code is remembered together.
    package init(_ directory: FilePath, of templates: FilePath) {
        self.directory = directory
        name = "code-" + hexadecimal(SHA256.hash(data: Array(templates.string.utf8)).prefix(16))
    }

    /// What is known of the files of a directory.
    func contents(of tree: FilePath) -> KnownContents {
        let key = Array(tree.string.utf8)
        guard let record = loaded({ $0.trees.use(key) }) else { return KnownContents() }
        return KnownContents(record)
    }

    /// Notes what is known now, sorted by name.
    func remember(_ contents: [(name: [UInt8], status: FileStatus, digest: ContentHash)], of tree: FilePath) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(contents.count * 128)
        for (name, status, digest) in contents {
            KnownContents.append(name: name, status: status, digest: digest, to: &bytes)
        }
        let key = Array(tree.string.utf8)
        loaded { [bytes] state in
            state.trees.put(bytes[...], for: key)
            state.isNews = true
        }
    }

    /// The zip that contents became at a level.
    func zip(of digest: String, level: Int) -> Zip? {
        let key = Self.key(digest, level)
        guard let bytes = loaded({ $0.zips.use(key) }), bytes.count == 32,
            bytes.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { return nil }
        return Zip(md5: String(decoding: bytes, as: UTF8.self))
    }

    /// Notes which zip contents became at a level.
    func remember(_ zip: Zip, of digest: String, level: Int) {
        let key = Self.key(digest, level)
        loaded { state in
            state.zips.put(Array(zip.md5.utf8)[...], for: key)
            state.isNews = true
        }
    }

    private static func key(_ digest: String, _ level: Int) -> [UInt8] {
        Array("\(digest) at \(level): ".utf8)
    }

    private func loaded<R: Sendable>(_ body: (inout State) -> R) -> R {
        state.withLock { state in
            if !state.isLoaded {
                state.isLoaded = true
                if let bytes = read(), bytes.starts(with: Self.mark) {
                    let end = state.zips.read(bytes[Self.mark.count...])
                    _ = state.trees.read(bytes[end...])
                }
            }
            return body(&state)
        }
    }

    private func read() -> [UInt8]? {
        let path = directory.appending(name)
        guard let file = try? FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .noFollow]) else {
            return nil
        }
        defer { try? file.close() }
        var status = stat()
        guard fstat(file.rawValue, &status) == 0, status.st_uid == geteuid(), status.st_mode & 0o022 == 0,
            status.st_mode & S_IFMT == S_IFREG, status.st_size <= Self.largest
        else { return nil }
        let size = Int(status.st_size)
        let bytes = try? [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = try file.read(fromAbsoluteOffset: 0, into: UnsafeMutableRawBufferPointer(buffer))
        }
        return bytes?.count == size ? bytes : nil
    }

    /// Writes down what was noted since it was last written.
    func save() {
        let news = state.withLock { state -> [UInt8]? in
            guard state.isNews else { return nil }
            state.isNews = false
            var bytes = Self.mark
            state.zips.write(to: &bytes, most: Self.mostZipBytes)
            state.trees.write(to: &bytes, most: Self.mostTreeBytes)
            return bytes
        }
        guard let news, news.count <= Self.largest else { return }
        makeMissingDirectories(directory)
        let draft = directory.appending("\(name).\(String(UInt64.random(in: 0 ... .max), radix: 36))")
        guard
            let file = try? FileDescriptor.open(
                draft, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec, .noFollow],
                permissions: .ownerReadWrite)
        else { return }
        let isWritten = (try? file.closeAfter { try file.writeAll(news) }) == news.count
        let path = directory.appending(name)
        let isFirst = access(path.string, F_OK) != 0
        guard isWritten, rename(draft.string, path.string) == 0 else {
            unlink(draft.string)
            return
        }
        if isFirst { forgetIfMany() }
    }

    /// Forgets what was not written for the longest time, where there are too many files.
    func forgetIfMany() {
        guard let stream = opendir(directory.string) else { return }
        defer { closedir(stream) }
        var files: [(name: String, modified: Int)] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasPrefix("code-") else { continue }
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
