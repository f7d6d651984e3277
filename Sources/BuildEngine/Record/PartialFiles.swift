import Glibc
import SystemPackage

/// Files that are written under another name first, and whose writer was killed before it could rename them.
enum PartialFiles {
    private static let ending = ".partial"

    /// Removes those of writers that are no more from a directory, not from those below it.
    ///
    /// Their names end in the writer's process id; a writer in another PID namespace holds a lock (see ``hold(_:)``).
    static func sweep(_ directory: FilePath) {
        let place = open(directory.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard place >= 0 else { return }
        defer { close(place) }
        for name in (try? DirectoryNames.read(place, directory.string)) ?? [] {
            guard let writer = writer(of: name), kill(writer, 0) != 0, errno == ESRCH else { continue }
            let file = openat(place, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
            guard file >= 0 else { continue }
            defer { close(file) }
            if flock(file, LOCK_EX | LOCK_NB) == 0 { unlinkat(place, name, 0) }
        }
    }

    /// Shows other runners that the file is being written, as long as it is open.
    static func hold(_ file: FileDescriptor) {
        flock(file.rawValue, LOCK_EX | LOCK_NB)
    }

    /// The process in `NAME.<pid>.partial` or `.<pid>-<digits>.partial`; nil for every other name.
    private static func writer(of name: [CChar]) -> pid_t? {
        let text = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard text.hasSuffix(ending), let mark = text.dropLast(ending.count).split(separator: ".").last else {
            return nil
        }
        let parts = mark.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isDigit) }),
            let writer = pid_t(parts[0]), writer > 0
        else { return nil }
        return writer
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
