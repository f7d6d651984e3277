import Archiving

/// Where a name of a package leads.
enum LambdaLead {
    case file(SelectedFile)
    /// A directory in which files of the package lie.
    case directory
    /// A path of Lambda's own file system, such as a layer's.
    case elsewhere
}

extension Selection {
    /// Where a name leads when links are followed as Lambda will; nil where nothing is there.
    func lead(_ name: EntryName) -> LambdaLead? {
        var rest = name.bytes.split(separator: UInt8(ascii: "/")).map(Array.init)
        var parts: [[UInt8]] = []
        // As many as the kernel follows.
        var links = 40
        while !rest.isEmpty {
            let part = rest.removeFirst()
            if part.elementsEqual(".".utf8) { continue }
            guard !part.elementsEqual("..".utf8) else {
                // Out of the package.
                if parts.popLast() == nil { return nil }
                continue
            }
            parts.append(part)
            let path = EntryName(bytes: Array(parts.joined(separator: [UInt8(ascii: "/")])))
            guard let found = file(named: path) else { continue }
            switch found.content {
            case .file: return rest.isEmpty ? .file(found) : nil
            case .link(let target):
                guard target.first != UInt8(ascii: "/") else { return .elsewhere }
                guard links > 0 else { return nil }
                links -= 1
                parts.removeLast()
                rest = target.split(separator: UInt8(ascii: "/")).map(Array.init) + rest
            }
        }
        return LambdaLinks.hasFiles(below: parts, self) ? .directory : nil
    }
}
