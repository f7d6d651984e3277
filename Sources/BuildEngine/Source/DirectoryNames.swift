import Glibc
import SystemPackage

/// Reads the names in an open directory, as C strings with their zero: Linux names need not be UTF-8.
enum DirectoryNames {
    /// The names but `.` and `..`, in the file system's order.
    /// - Throws: ``RunnerFailure`` when the directory cannot be read; `path` is for its words only.
    static func read(_ directory: Int32, _ path: String) throws(RunnerFailure) -> [[CChar]] {
        let copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw RunnerFailure("read \(path)", Errno(rawValue: errno).description) }
        guard let stream = fdopendir(copy) else {
            close(copy)
            throw RunnerFailure("read \(path)", Errno(rawValue: errno).description)
        }
        defer { closedir(stream) }
        var names: [[CChar]] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { bytes in
                    Array(UnsafeBufferPointer(start: bytes, count: strlen(bytes) + 1))
                }
            }
            if name == [46, 0] || name == [46, 46, 0] { continue }
            names.append(name)
        }
        return names
    }
}
