extension TreeWalk {
    /// How many directories of one listing are read ahead at most; said in halves, because waking a helper for each
    /// would take longer than reading it.
    static let directoriesAhead = 64

    /// Has the next directories of a listing read ahead: those that will be listed when they are entered.
    func expectDirectories(of visit: inout Visit) {
        guard visit.expected < visit.listing.entries.count else { return }
        var paths: [RootPath] = []
        visit.expected = max(visit.expected, visit.next)
        while visit.ahead + paths.count < Self.directoriesAhead, visit.expected < visit.listing.entries.count
        {
            let entry = visit.listing.entries[visit.expected]
            visit.expected += 1
            guard entry.kind == .directory else { continue }
            let name = Array(visit.listing.names[entry.start..<(entry.start + entry.length)])
            if willList(name, in: visit.directory) { paths.append(visit.directory.realPath.appending(name)) }
        }
        visit.ahead += paths.count
        if !paths.isEmpty { listings.expect(paths) }
    }

    /// Whether a directory of this name will be entered, and not only looked into for certain names.
    private func willList(_ name: [UInt8], in directory: WalkDirectory) -> Bool {
        if let hiddenDirectory, directory.realPath.appending(name) == hiddenDirectory { return false }
        var isListed = false
        for (pattern, positions) in zip(start.patterns, directory.positions) {
            let next = pattern.advance(positions, by: name)
            guard pattern.canContinue(next) else { continue }
            isListed = isListed || pattern.literalNames(at: next) == nil
        }
        return isListed
            && !zip(excluded, directory.excludedPositions).contains {
                $0.acceptsEverything(at: $0.advance($1, by: name))
            }
    }
}
