import Archiving

/// Links of a package are kept as they are; where they lead there is looked at without the file system.
enum LambdaLinks {
    /// Warnings about links that lead to nothing in the package.
    ///
    /// - Throws: `unsuitableFile` for one that leads out of the package by `..`, which would mean something
    ///   else wherever the package is unpacked.
    static func check(_ selection: Selection) throws(PackagingError) -> [String] {
        var warnings: [String] = []
        for index in selection.files.indices {
            guard case .link(let target) = selection.files[index].content else { continue }
            let file = selection.files[index]
            let text = EntryName(bytes: target).description
            guard target.first != UInt8(ascii: "/") else {
                warnings.append(
                    "\(file.name) is kept as a link to \(text), a path of Lambda's own file system")
                continue
            }
            guard let place = place(of: target, from: file.name) else {
                throw PackagingError(
                    .unsuitableFile, file.name.description,
                    "it is a link to \(text), which leads out of the directory")
            }
            if !contains(place, selection) {
                warnings.append("\(file.name) is kept as a link to \(text), which is not in the package")
            }
        }
        let more = warnings.count - 10
        return more > 0
            ? warnings.prefix(10) + ["\(more) more links lead to nothing in the package"] : warnings
    }

    /// The name a relative target leads to; nil when it leads out.
    private static func place(of target: [UInt8], from link: EntryName) -> [UInt8]? {
        var parts = link.bytes.split(separator: UInt8(ascii: "/")).dropLast().map(Array.init)
        for part in target.split(separator: UInt8(ascii: "/")) where !part.elementsEqual(".".utf8) {
            if part.elementsEqual("..".utf8) {
                guard parts.popLast() != nil else { return nil }
            } else {
                parts.append(Array(part))
            }
        }
        return Array(parts.joined(separator: [UInt8(ascii: "/")]))
    }

    /// Whether files lie in a directory.
    static func hasFiles(below parts: [[UInt8]], _ selection: Selection) -> Bool {
        guard !parts.isEmpty else { return !selection.files.isEmpty }
        let prefix = Array(parts.joined(separator: [UInt8(ascii: "/")])) + [UInt8(ascii: "/")]
        let first = selection.files.partitionIndex { $0.name < EntryName(bytes: prefix) }
        return first < selection.files.count && selection.files[first].name.bytes.starts(with: prefix)
    }

    /// Whether a name is a file's or a directory's, perhaps behind a link.
    private static func contains(_ place: [UInt8], _ selection: Selection) -> Bool {
        if place.isEmpty || selection.file(named: EntryName(bytes: place)) != nil { return true }
        if hasFiles(below: [place], selection) { return true }
        var parent = place[...]
        while let slash = parent.lastIndex(of: UInt8(ascii: "/")) {
            parent = parent[..<slash]
            if case .link = selection.file(named: EntryName(bytes: Array(parent)))?.content { return true }
        }
        return false
    }
}

extension Array {
    /// The first index for which `precedes` is false, of an array in which it is true for all before.
    fileprivate func partitionIndex(_ precedes: (Element) -> Bool) -> Int {
        var range = indices
        while !range.isEmpty {
            let middle = (range.lowerBound + range.upperBound) / 2
            range = precedes(self[middle]) ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return range.lowerBound
    }
}
