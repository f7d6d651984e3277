extension FileSelector {
    /// The directories that `base-directory` stands for, sorted.
    func baseDirectories(
        _ text: String?, _ notes: inout SelectionNotes
    ) throws(ArchivingError) -> [BaseDirectory] {
        let text = text ?? "."
        notes.add(step: .expandingBaseDirectory(printable(text.utf8)))
        let pattern = PatternText(text)
        let origin = pattern.origin(relativeTo: source)
        var found: [BaseDirectory] = []
        if let literal = pattern.literalParts {
            let path = RootPath(components: origin.components + literal)
            if let base = existing(path) { found = [base] }
        } else if case .success((.directory, let realOrigin)) = root.resolve(origin.bytes) {
            let start = WalkStart(
                path: origin, realPath: realOrigin, patterns: [PathPattern(components: pattern.components)])
            var walk = TreeWalk(
                root: root, start: start, excluded: [], trees: [realSource, realOrigin], limits: limits)
            walk.hiddenDirectory = hiddenDirectory
            walk.collectsDirectories = true
            try walk.run(&notes)
            found = walk.directories.sorted { precedes($0.bytes, $1.bytes) }.compactMap(existing)
        }
        guard !found.isEmpty else {
            throw ArchivingError(.noMatchingBaseDirectory, printable(text.utf8), "no such directory")
        }
        return found
    }

    /// What this program keeps in the source directory for itself; it is in no artifact.
    var hiddenDirectory: RootPath {
        realSource.appending(Array(".buildspec".utf8))
    }

    private func existing(_ path: RootPath) -> BaseDirectory? {
        guard case .success((.directory, let real)) = root.resolve(path.bytes),
            !real.isWithin(hiddenDirectory)
        else {
            return nil
        }
        return BaseDirectory(text: logText(path), path: path, realPath: real)
    }

    private func logText(_ path: RootPath) -> String {
        guard path.isWithin(source) else { return path.description }
        let rest = path.bytes.dropFirst(source.bytes.isEmpty ? 0 : source.bytes.count + 1)
        return rest.isEmpty ? "." : printable(rest)
    }
}
