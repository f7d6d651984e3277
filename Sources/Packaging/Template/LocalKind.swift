import Glibc
import SystemPackage

/// What a path leads to, links followed.
enum LocalKind: Sendable, Hashable {
    case file
    case directory

    /// Nil when nothing is there, or something else.
    init?(_ path: FilePath) {
        var status = stat()
        guard stat(path.string, &status) == 0 else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFREG: self = .file
        case S_IFDIR: self = .directory
        default: return nil
        }
    }

    /// Why there is no file or directory, to follow its name.
    static func absence(of path: FilePath) -> String {
        var status = stat()
        guard stat(path.string, &status) != 0 else { return "is neither a file nor a directory" }
        let reason = Errno(rawValue: errno)
        if reason == .noSuchFileOrDirectory {
            return lstat(path.string, &status) == 0 ? "is a link that leads nowhere" : "does not exist"
        }
        return reason == .notDirectory ? "does not exist" : "cannot be reached: \(reason)"
    }
}

/// The record by which a zip file is known: its last one.
enum ZipEnd {
    /// Whether a file ends as a zip does.
    static func ends(_ path: FilePath) -> Bool {
        guard let file = try? FileDescriptor.open(path, .readOnly, options: .closeOnExec) else {
            return false
        }
        defer { try? file.close() }
        guard let size = try? file.seek(offset: 0, from: .end), size >= 22 else { return false }
        let length = min(Int(size), 22 + 65_535)
        var tail = [UInt8](repeating: 0, count: length)
        let count = try? tail.withUnsafeMutableBytes {
            try file.read(fromAbsoluteOffset: size - Int64(length), into: $0)
        }
        guard count == length else { return false }
        return stride(from: length - 22, through: 0, by: -1).contains { start in
            tail[start] == UInt8(ascii: "P") && tail[start..<(start + 4)].elementsEqual("PK\u{5}\u{6}".utf8)
        }
    }
}
