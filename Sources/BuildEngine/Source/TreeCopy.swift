import CLinuxCalls
import Glibc
import SystemPackage

/// Copies a directory tree: contents without their holes, modes, modification times, links as links.
///
/// Reads and writes through directory descriptors, and never follows a link.
struct TreeCopy {
    /// What was left out and why.
    private(set) var remarks: [String] = []
    /// A name that is left out at the top of the tree.
    private let excludedName: String
    private static let deepest = 256
    /// Linux's `SEEK_DATA` and `SEEK_HOLE`, which Glibc shows only to C programs that ask for GNU extensions.
    private static let seekData: Int32 = 3
    private static let seekHole: Int32 = 4
    private static let mostRemarks = 20

    /// Prepares a copy.
    init(excluding name: String) {
        excludedName = name
    }

    /// Copies the content of one directory into another, which exists.
    /// - Throws: ``RunnerFailure`` naming the file that cannot be copied.
    mutating func run(from source: FilePath, to target: FilePath) throws(RunnerFailure) {
        let from = open(source.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard from >= 0 else { throw Self.failure(source.string, errno) }
        defer { close(from) }
        let to = open(target.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard to >= 0 else { throw Self.failure(target.string, errno) }
        defer { close(to) }
        try copyContent(of: from, to: to, path: source.string, depth: 0)
    }

    private mutating func copyContent(
        of from: Int32, to: Int32, path: String, depth: Int
    ) throws(RunnerFailure) {
        guard depth < Self.deepest else {
            throw RunnerFailure("copy \(path)", "directories are nested more than \(Self.deepest) deep")
        }
        for name in try DirectoryNames.read(from, path) {
            let text = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if depth == 0, text == excludedName { continue }
            if Task.isCancelled { throw RunnerFailure("copy \(path)", "stopped") }
            try copy(name, from, to, path: path + "/" + text, depth: depth)
        }
    }

    private mutating func copy(
        _ name: [CChar], _ from: Int32, _ to: Int32, path: String, depth: Int
    ) throws(RunnerFailure) {
        var status = stat()
        guard fstatat(from, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { throw Self.failure(path, errno) }
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            try copyFile(name, from, to, status, path)
        case S_IFDIR:
            try copyDirectory(name, from, to, status, path, depth)
        case S_IFLNK:
            try Self.copyLink(name, from, to, status, path)
        default:
            if remarks.count < Self.mostRemarks {
                remarks.append("\(path) is not copied: it is no file, directory or link")
            }
        }
    }

    private mutating func copyDirectory(
        _ name: [CChar], _ from: Int32, _ to: Int32, _ status: stat, _ path: String, _ depth: Int
    ) throws(RunnerFailure) {
        let source = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard source >= 0 else { throw Self.failure(path, errno) }
        defer { close(source) }
        guard mkdirat(to, name, 0o700) == 0 else { throw Self.failure(path, errno) }
        let target = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard target >= 0 else { throw Self.failure(path, errno) }
        defer { close(target) }
        try copyContent(of: source, to: target, path: path, depth: depth + 1)
        Self.finish(target, status)
    }

    private func copyFile(
        _ name: [CChar], _ from: Int32, _ to: Int32, _ status: stat, _ path: String
    ) throws(RunnerFailure) {
        let source = openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard source >= 0 else { throw Self.failure(path, errno) }
        defer { close(source) }
        let target = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard target >= 0 else { throw Self.failure(path, errno) }
        defer { close(target) }
        if status.st_blocks * 512 < status.st_size {
            try Self.copyData(source, target, size: status.st_size, path)
        } else {
            // Nothing is left out of it: most files of most sources.
            try Self.copyRange(source, target, length: status.st_size, path)
        }
        Self.finish(target, status)
    }

    /// Copies what a file holds, and leaves its holes out.
    private static func copyData(
        _ source: Int32, _ target: Int32, size: off_t, _ path: String
    ) throws(RunnerFailure) {
        var position: off_t = 0
        while true {
            let start = lseek(source, position, seekData)
            if start < 0, errno == ENXIO { break }
            let end = start < 0 ? -1 : lseek(source, start, seekHole)
            guard end > start else {
                // No word about holes from this file system: all of it is data.
                lseek(source, position, SEEK_SET)
                lseek(target, position, SEEK_SET)
                try copyRange(source, target, length: off_t.max, path)
                return
            }
            lseek(source, start, SEEK_SET)
            lseek(target, start, SEEK_SET)
            try copyRange(source, target, length: end - start, path)
            position = end
        }
        if position < size, ftruncate(target, size) != 0 { throw failure(path, errno) }
    }

    private static func copyRange(
        _ source: Int32, _ target: Int32, length: off_t, _ path: String
    ) throws(RunnerFailure) {
        var rest = length
        while rest > 0 {
            if Task.isCancelled { throw RunnerFailure("copy \(path)", "stopped") }
            // The kernel copies, and shares the blocks where the file system can.
            let count = buildspec_copy_file_range(source, target, Int(min(rest, 1 << 26)))
            if count == 0 { return }
            if count < 0 {
                guard [EXDEV, EINVAL, ENOSYS, EOPNOTSUPP].contains(errno) else { throw failure(path, errno) }
                return try copyByReading(source, target, length: rest, path)
            }
            rest -= off_t(count)
        }
    }

    private static func copyByReading(
        _ source: Int32, _ target: Int32, length: off_t, _ path: String
    ) throws(RunnerFailure) {
        let reader = FileDescriptor(rawValue: source)
        let writer = FileDescriptor(rawValue: target)
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        do {
            var rest = length
            while rest > 0, !Task.isCancelled {
                let count = try buffer.withUnsafeMutableBytes { try reader.read(into: $0) }
                if count == 0 { return }
                _ = try writer.writeAll(buffer.prefix(Int(min(rest, off_t(count)))))
                rest -= off_t(count)
            }
        } catch let error as Errno {
            throw failure(path, error.rawValue)
        } catch {
            throw RunnerFailure("copy \(path)", "\(error)")
        }
    }

    private static func copyLink(
        _ name: [CChar], _ from: Int32, _ to: Int32, _ status: stat, _ path: String
    ) throws(RunnerFailure) {
        var target = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = readlinkat(from, name, &target, Int(PATH_MAX))
        guard count >= 0 else { throw failure(path, errno) }
        target[count] = 0
        guard symlinkat(target, to, name) == 0 else { throw failure(path, errno) }
        utimensat(to, name, [status.st_atim, status.st_mtim], AT_SYMLINK_NOFOLLOW)
    }

    /// Mode and times; set-user-ID bits are not taken along.
    private static func finish(_ target: Int32, _ status: stat) {
        fchmod(target, status.st_mode & 0o1777)
        let times = [status.st_atim, status.st_mtim]
        futimens(target, times)
    }

    private static func failure(_ path: String, _ error: Int32) -> RunnerFailure {
        let reason = Errno(rawValue: error)
        let hint = reason == .noSpace ? "free space on the file system of the source directory" : nil
        return RunnerFailure("copy \(path)", reason.description, hint: hint)
    }
}
