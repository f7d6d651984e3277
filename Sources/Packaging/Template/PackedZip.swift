import Glibc
import Synchronization
import SystemPackage

/// A zip on its way to the store.
struct PackedZip: Sendable {
    let content: TemplateContent
    /// Hexadecimal.
    let md5: String
    /// Where its bytes count, if it is in memory.
    let room: MemoryRoom

    /// Removes its file, or gives the memory free.
    func remove() {
        switch content {
        case .file(let path): unlink(path.string)
        case .bytes(let bytes): room.give(bytes.count)
        }
    }
}

/// How much memory all zips together may take that are on their way.
final class MemoryRoom: Sendable {
    private let free: Mutex<Int>

    /// Has room for so many bytes.
    init(_ size: Int) {
        free = Mutex(size)
    }

    /// Takes so many bytes, unless there is no room for them.
    func take(_ size: Int) -> Bool {
        free.withLock { free in
            guard size <= free else { return false }
            free -= size
            return true
        }
    }

    /// Gives bytes back; a negative number takes some more, whether there is room or not.
    func give(_ size: Int) {
        free.withLock { $0 += size }
    }
}
