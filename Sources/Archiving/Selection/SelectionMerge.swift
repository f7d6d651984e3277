/// Makes names unique and decides which links can be kept.
struct SelectionMerge {
    let request: ArtifactSelectionRequest
    let limits: SelectionLimits

    /// The candidates under their final names, sorted.
    ///
    /// - Throws: `duplicateName` when one file's name is another's directory, `limitExceeded`.
    func merge(
        _ candidates: [FoundFile], _ notes: inout SelectionNotes
    ) throws(ArchivingError) -> [SelectedFile] {
        guard candidates.count <= limits.files else {
            throw ArchivingError(.limitExceeded, "the artifact", "more than \(limits.files) files")
        }
        let winners = isMerged(candidates) ? candidates : unique(candidates, &notes)
        for winner in winners where !winner.name.isUTF8 { notes.add(detail: .nameNotUTF8(winner.name)) }
        let files = keepLinks(winners, &notes)
        try checkDirectories(files)
        return files
    }

    /// Whether names are final, unique and sorted already, as those of one walk mostly are.
    private func isMerged(_ candidates: [FoundFile]) -> Bool {
        guard !request.discardPaths, candidates.count > 1 else { return !request.discardPaths }
        return (1..<candidates.count).allSatisfy { candidates[$0 - 1].name < candidates[$0].name }
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
        let sorted = candidates.map { (name: finalName($0), file: $0) }.sorted { left, right in
            if left.name != right.name { return left.name < right.name }
            if left.file.order != right.file.order { return left.file.order < right.file.order }
            return left.file.name < right.file.name
        }
        return sorted.map { $0.file.named($0.name) }
    }

    private func finalName(_ file: FoundFile) -> EntryName {
        request.discardPaths ? EntryName(bytes: Array(file.name.lastComponent)) : file.name
    }

    private func keepLinks(_ winners: [FoundFile], _ notes: inout SelectionNotes) -> [SelectedFile] {
        let hasLinks = winners.contains { $0.linkTarget != nil }
        guard hasLinks else {
            return winners.map {
                SelectedFile(
                    name: $0.name, content: .file, directory: $0.directory, realName: $0.realName)
            }
        }
        let places = ArtifactPlaces(winners.map(\.name))
        return winners.compactMap { found in
            let name = found.name
            if let target = found.linkTarget, !places.directories.contains(name.bytes[...]),
                let kept = places.relativeTarget(of: name, target: target)
            {
                return SelectedFile(
                    name: name, content: .link(target: kept), directory: found.directory,
                    realName: found.realName)
            }
            if found.linksToDirectory {
                notes.add(detail: .linkTargetNotSelected(path: path(found).description))
                return nil
            }
            return SelectedFile(
                name: name, content: .file, directory: found.directory, realName: found.realName)
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

    private func path(_ file: FoundFile) -> RootPath {
        file.directory.appending(file.realName.map { $0[...] } ?? file.name.lastComponent)
    }
}

extension FoundFile {
    /// The same under another name; where it lies stays.
    fileprivate func named(_ other: EntryName) -> FoundFile {
        guard other != name else { return self }
        return FoundFile(
            name: other, order: order, directory: directory, realName: realName, linkTarget: linkTarget,
            linksToDirectory: linksToDirectory)
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
