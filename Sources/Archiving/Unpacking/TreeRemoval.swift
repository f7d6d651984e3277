import Glibc
import SystemPackage

/// Removes what lies in a directory without ever following a link.
enum TreeRemoval {
    /// As much as can be removed; the depth is bounded by the limits of unpacking.
    static func removeContents(of directory: FileDescriptor) {
        for name in names(in: directory) {
            if unlinkat(directory.rawValue, name, 0) == 0 { continue }
            let opened = openat(directory.rawValue, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard opened >= 0 else { continue }
            let inner = FileDescriptor(rawValue: opened)
            fchmod(opened, 0o700)
            removeContents(of: inner)
            try? inner.close()
            unlinkat(directory.rawValue, name, AT_REMOVEDIR)
        }
    }

    /// The names in a directory but `.` and `..`, each ended by NUL.
    static func names(in directory: FileDescriptor) -> [[CChar]] {
        let copy = openat(directory.rawValue, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { return [] }
        guard let stream = fdopendir(copy) else {
            close(copy)
            return []
        }
        defer { closedir(stream) }
        var names: [[CChar]] = []
        while let entry = readdir(stream) {
            let name = AnchoredRoot.name(of: entry)
            if name == Array(".".utf8) || name == Array("..".utf8) { continue }
            names.append(name.map { CChar(bitPattern: $0) } + [0])
        }
        return names
    }
}
