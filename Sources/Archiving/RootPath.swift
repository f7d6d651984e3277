/// A path below an anchored root: components joined by `/`, no leading slash, no `.` or `..`; empty for the
/// root.
struct RootPath: Sendable, Hashable {
    let bytes: [UInt8]

    static let root = RootPath(bytes: [])

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Joins components that are already free of `.`, `..` and slashes.
    init(components: some Sequence<[UInt8]>) {
        self.bytes = Array(components.joined(separator: [UInt8(ascii: "/")]))
    }

    /// The components, first to last.
    var components: [[UInt8]] {
        bytes.split(separator: UInt8(ascii: "/")).map(Array.init)
    }

    /// What the build would call it.
    var description: String {
        "/" + printable(bytes)
    }

    func appending(_ name: some Collection<UInt8>) -> RootPath {
        guard !bytes.isEmpty else { return RootPath(bytes: Array(name)) }
        var joined: [UInt8] = []
        joined.reserveCapacity(bytes.count + 1 + name.count)
        joined += bytes
        joined.append(UInt8(ascii: "/"))
        joined += name
        return RootPath(bytes: joined)
    }

    /// What stands before the names of what lies in it: empty for the root.
    var asPrefix: [UInt8] { bytes.isEmpty ? [] : bytes + [UInt8(ascii: "/")] }

    /// Whether this is `ancestor` or lies below it.
    func isWithin(_ ancestor: RootPath) -> Bool {
        guard !ancestor.bytes.isEmpty else { return true }
        let length = ancestor.bytes.count
        // The byte after it is looked at first, because that mostly decides.
        guard bytes.count == length || (bytes.count > length && bytes[length] == UInt8(ascii: "/")) else {
            return false
        }
        return bytes.starts(with: ancestor.bytes)
    }

    /// The directory it lies in and its own name; nil for the root.
    var split: (parent: RootPath, name: [UInt8])? {
        guard !bytes.isEmpty else { return nil }
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return (.root, bytes) }
        return (RootPath(bytes: Array(bytes[..<slash])), Array(bytes[(slash + 1)...]))
    }
}
