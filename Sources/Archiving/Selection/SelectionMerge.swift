/// Makes names unique and decides which links can be kept.
struct SelectionMerge {
    let request: ArtifactSelectionRequest
    let limits: SelectionLimits

    /// The candidates under their final names, sorted.
    ///
    /// - Throws: `duplicateName` when one file's name is another's directory, `limitExceeded`.
    func merge(
        _ candidates: [SelectionCandidate], _ notes: inout SelectionNotes
    ) throws(ArchivingError) -> [SelectedFile] {
        guard candidates.count <= limits.files else {
            throw ArchivingError(.limitExceeded, "the artifact", "more than \(limits.files) files")
        }
        var winners: [(name: EntryName, candidate: SelectionCandidate)] = []
        for next in sorted(candidates) {
            guard let last = winners.last, last.name == next.name else {
                winners.append(next)
                continue
            }
            winners[winners.count - 1] = next
            let (kept, dropped) = (path(next.candidate), path(last.candidate))
            guard kept != dropped else { continue }
            notes.add(
                detail: .nameCollision(name: next.name, kept: kept.description, dropped: dropped.description))
        }
        for winner in winners where winner.name.text == nil { notes.add(detail: .nameNotUTF8(winner.name)) }
        let files = keepLinks(winners, &notes)
        try checkDirectories(files)
        return files
    }

    /// By name, and among equal names in the order in which the last wins.
    private func sorted(
        _ candidates: [SelectionCandidate]
    ) -> [(name: EntryName, candidate: SelectionCandidate)] {
        let named = candidates.map { candidate in
            let name =
                request.discardPaths ? EntryName(bytes: Array(candidate.name.lastComponent)) : candidate.name
            return (name: name, candidate: candidate)
        }
        return named.sorted { left, right in
            if left.name != right.name { return left.name < right.name }
            if left.candidate.order != right.candidate.order {
                return left.candidate.order < right.candidate.order
            }
            return left.candidate.name < right.candidate.name
        }
    }

    private func keepLinks(
        _ winners: [(name: EntryName, candidate: SelectionCandidate)], _ notes: inout SelectionNotes
    ) -> [SelectedFile] {
        let hasLinks = winners.contains { $0.candidate.found.linkTarget != nil }
        let places = hasLinks ? ArtifactPlaces(winners.map(\.name)) : ArtifactPlaces([])
        return winners.compactMap { name, candidate in
            let found = candidate.found
            if let target = found.linkTarget, !places.directories.contains(name.bytes[...]),
                let kept = places.relativeTarget(of: name, target: target)
            {
                return SelectedFile(
                    name: name, content: .link(target: kept), directory: found.directory,
                    realName: found.realName)
            }
            if found.linksToDirectory {
                notes.add(detail: .linkTargetNotSelected(path: path(candidate).description))
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
            while let last = open.last, !file.name.bytes.starts(with: last.bytes) { open.removeLast() }
            for outer in open where file.name.bytes[outer.bytes.count] == UInt8(ascii: "/") {
                throw ArchivingError(
                    .duplicateName, outer.description, "\(file.name) needs it to be a directory")
            }
            open.append(file.name)
        }
    }

    private func path(_ candidate: SelectionCandidate) -> RootPath {
        candidate.found.directory.appending(candidate.found.realName ?? Array(candidate.name.lastComponent))
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
