/// The name of an archive's entry, taken apart and found safe.
struct EntryPath {
    let components: [[UInt8]]

    var bytes: [UInt8] { RootPath(components: components).bytes }

    /// Takes a name apart.
    ///
    /// - Throws: `unsafeArchive` for absolute names, `..` and names beyond the limits.
    init(_ name: [UInt8], limits: UnpackLimits) throws(ArchivingError) {
        let shown = printable(name.prefix(256))
        guard name.first != UInt8(ascii: "/") else {
            throw ArchivingError(.unsafeArchive, shown, "its name is absolute")
        }
        guard !name.isEmpty, !name.contains(0) else {
            throw ArchivingError(.unsafeArchive, shown, "its name is empty or contains NUL")
        }
        // A carriage return ends the name of every folder's icon on macOS; tabs and line breaks are odd but harmless.
        guard !name.contains(where: { $0 < 0x20 && ![0x09, 0x0A, 0x0D].contains($0) }) else {
            throw ArchivingError(.unsafeArchive, shown, "its name contains control characters")
        }
        guard name.count <= limits.nameLength else {
            throw ArchivingError(.unsafeArchive, shown, "its name has more than \(limits.nameLength) bytes")
        }
        var components: [[UInt8]] = []
        for part in name.split(separator: UInt8(ascii: "/")) where !part.elementsEqual(".".utf8) {
            guard !part.elementsEqual("..".utf8) else {
                throw ArchivingError(.unsafeArchive, shown, "its name contains ..")
            }
            guard part.count <= 255 else {
                throw ArchivingError(.unsafeArchive, shown, "a part of its name has more than 255 bytes")
            }
            components.append(Array(part))
        }
        guard components.count <= limits.depth else {
            throw ArchivingError(.unsafeArchive, shown, "it lies more than \(limits.depth) directories deep")
        }
        self.components = components
    }

    /// Why a link of this name must not have this target; nil when it stays inside as far as its text tells.
    func refusal(ofLinkTo target: [UInt8]) -> String? {
        guard !target.isEmpty, !target.contains(0) else { return "it is a link to nothing" }
        guard target.count <= 4_095 else { return "its link target has more than 4095 bytes" }
        guard target.first != UInt8(ascii: "/") else { return "it is a link to an absolute path" }
        var depth = components.count - 1
        for part in target.split(separator: UInt8(ascii: "/")) where !part.elementsEqual(".".utf8) {
            depth += part.elementsEqual("..".utf8) ? -1 : 1
            guard depth >= 0 else { return "it is a link that leads out of the archive" }
        }
        return nil
    }

    /// Whether a link target has `..` after a name, so that where it leads depends on what that name is.
    static func turnsBack(_ target: [UInt8]) -> Bool {
        var hasName = false
        for part in target.split(separator: UInt8(ascii: "/")) where !part.elementsEqual(".".utf8) {
            if part.elementsEqual("..".utf8) {
                if hasName { return true }
            } else {
                hasName = true
            }
        }
        return false
    }
}
