/// Makes names unique and decides which links can be kept.
struct SelectionMerge {
    let request: ArtifactSelectionRequest
    let limits: SelectionLimits

    /// What was found under final names, sorted.
    ///
    /// - Throws: `duplicateName` when one file's name is another's directory, `limitExceeded`.
    func merge(
        _ found: FoundFiles, _ notes: inout SelectionNotes
    ) throws(ArchivingError) -> [SelectedFile] {
        guard found.count <= limits.files else {
            throw ArchivingError(.limitExceeded, "the artifact", "more than \(limits.files) files")
        }
        let isSettled = found.isSettled && !request.discardPaths
        let winners = isSettled ? [] : unique(found.candidates, &notes)
        // Names that are not UTF-8 are told before links are decided about.
        let names = isSettled ? found.files : winners.map(\.file)
        // By index: a copy of every file would count all its parts.
        for index in names.indices where !names[index].name.isUTF8 {
            notes.add(detail: .nameNotUTF8(names[index].name))
        }
        guard !isSettled else { return names }
        let files = keepLinks(winners, &notes)
        try checkDirectories(files)
        return files
    }

    private func unique(_ candidates: [FoundFile], _ notes: inout SelectionNotes) -> [FoundFile] {
        var winners: [FoundFile] = []
        for next in sorted(candidates) {
            guard let last = winners.last, last.name == next.name else {
                winners.append(next)
                continue
            }
            winners[winners.count - 1] = next
            let (kept, dropped) = (path(next), path(last))
            guard kept != dropped else { continue }
            notes.add(
                detail: .nameCollision(name: next.name, kept: kept.description, dropped: dropped.description))
        }
        return winners
    }

    /// Under their final names, by name, and among equal names in the order in which the last wins.
    private func sorted(_ candidates: [FoundFile]) -> [FoundFile] {
        let sorted = candidates.map { (name: finalName($0), found: $0) }.sorted { left, right in
            if left.name != right.name { return left.name < right.name }
            if left.found.order != right.found.order { return left.found.order < right.found.order }
            return left.found.name < right.found.name
        }
        return sorted.map { $0.found.named($0.name) }
    }

    private func finalName(_ found: FoundFile) -> EntryName {
        request.discardPaths ? EntryName(bytes: Array(found.name.lastComponent)) : found.name
    }

    private func keepLinks(_ winners: [FoundFile], _ notes: inout SelectionNotes) -> [SelectedFile] {
        let places = ArtifactPlaces(winners.contains(where: \.isLink) ? winners.map(\.name) : [])
        return winners.compactMap { found in
            guard !request.keepsEveryLink, case .link(let target) = found.file.content else {
                return found.file
            }
            let name = found.name
            if !places.directories.contains(name.bytes[...]),
                let kept = places.relativeTarget(of: name, target: target)
            {
                return SelectedFile(
                    name: name, content: .link(target: kept), directory: found.file.directory,
                    realName: found.file.realName)
            }
            if found.linksToDirectory {
                notes.add(detail: .linkTargetNotSelected(path: path(found).description))
                return nil
            }
            return SelectedFile(
                name: name, content: .file, directory: found.file.directory, realName: found.file.realName)
        }
    }

    /// Names are sorted, so a file that is also a directory stands before what lies in it, though not always
    /// next to it.
    private func checkDirectories(_ files: [SelectedFile]) throws(ArchivingError) {
        guard !request.discardPaths else { return }
        var open: [EntryName] = []
        for file in files {
            while let last = open.last, !file.name.starts(with: last) { open.removeLast() }
            for outer in open where file.name.bytes[outer.bytes.count] == UInt8(ascii: "/") {
                throw ArchivingError(
                    .duplicateName, outer.description, "\(file.name) needs it to be a directory")
            }
            open.append(file.name)
        }
    }

    private func path(_ found: FoundFile) -> RootPath { found.file.path }
}

extension FoundFile {
    fileprivate var isLink: Bool {
        if case .link = file.content { true } else { false }
    }

    /// The same under another name; where it lies stays.
    fileprivate func named(_ other: EntryName) -> FoundFile {
        guard other != name else { return self }
        let moved = SelectedFile(
            name: other, content: file.content, directory: file.directory, realName: file.realName)
        return FoundFile(file: moved, order: order, linksToDirectory: linksToDirectory)
    }
}

/// The names that exist in an artifact, for checking what links in it would lead to.
struct ArtifactPlaces {
    private let names: Set<ArraySlice<UInt8>>
    /// Every directory on the way to a file.
    let directories: Set<ArraySlice<UInt8>>

    init(_ names: [EntryName]) {
        var directories: Set<ArraySlice<UInt8>> = []
        for name in names {
            var parent = name.bytes[...]
            while let slash = parent.lastIndex(of: UInt8(ascii: "/")) {
                parent = parent[..<slash]
                if !directories.insert(parent).inserted { break }
            }
        }
        self.names = Set(names.map { $0.bytes[...] })
        self.directories = directories
    }

    /// The target, if it is relative and leads to something in the artifact without leaving it on the way.
    func relativeTarget(of link: EntryName, target: [UInt8]) -> [UInt8]? {
        guard target.first != UInt8(ascii: "/") else { return nil }
        var place = link.bytes.split(separator: UInt8(ascii: "/")).dropLast().map(Array.init)
        for part in target.split(separator: UInt8(ascii: "/")) where !part.elementsEqual(".".utf8) {
            if part.elementsEqual("..".utf8) {
                guard place.popLast() != nil else { return nil }
            } else {
                place.append(Array(part))
            }
        }
        let bytes = RootPath(components: place).bytes[...]
        return bytes.isEmpty || names.contains(bytes) || directories.contains(bytes) ? target : nil
    }
}
