import Glibc

/// What is at a path of the host, links not followed.
enum FileKind: Equatable {
    case directory
    case file
    case link(String)
    case none

    init(of path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            self = .none
            return
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: self = .directory
        case S_IFLNK: self = Self.target(of: path).map(FileKind.link) ?? .none
        default: self = .file
        }
    }

    private static func target(of path: String) -> String? {
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(PATH_MAX)) { buffer, count in
            count = buffer.withMemoryRebound(to: CChar.self) { target in
                target.baseAddress.map { max(0, readlink(path, $0, target.count)) } ?? 0
            }
        }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }
}
