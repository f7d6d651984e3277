extension FileSelector {
    /// Patterns that are walked together, because they start in the same directory.
    private struct Group {
        let origin: RootPath
        let namePrefix: RootPath
        var indices: [Int]
        var patterns: [PathPattern]
    }

    /// The files below one base directory, and files its patterns reach by `..` or absolute paths.
    func collect(
        _ request: ArtifactSelectionRequest, base: BaseDirectory, baseIndex: Int,
        _ notes: inout SelectionNotes
    ) throws(ArchivingError) -> FoundFiles {
        let texts = request.patterns.map { PatternText($0) }
        let excluded = request.excludePaths.map { text in
            let pattern = PatternText(text)
            let origin = pattern.origin(relativeTo: base.path).components.map {
                PathPattern.Component.one(.literal($0))
            }
            return PathPattern(components: origin + pattern.components)
        }
        var candidates = FoundFiles()
        var details = SelectionNotes(limit: limits.notes)
        var outcomes = [PatternOutcome](repeating: PatternOutcome(), count: texts.count)
        for group in groups(texts, base: base) {
            guard case .success((.directory, let real)) = root.resolve(group.origin.bytes) else { continue }
            let start = WalkStart(
                path: group.origin, realPath: real, namePrefix: group.namePrefix, patterns: group.patterns)
            var walk = TreeWalk(
                root: root, start: start, excluded: excluded, trees: [realSource, base.realPath, real],
                limits: limits)
            walk.hiddenDirectory = hiddenDirectory
            walk.ignoreRules = ignoreRules
            walk.keepsEveryLink = request.keepsEveryLink
            walk.keepsLinks = request.enableSymlinks && !request.discardPaths
            try walk.run(&details)
            for (index, outcome) in zip(group.indices, walk.outcomes) { outcomes[index] = outcome }
            var found = walk.found
            found.reorder { baseIndex * texts.count + group.indices[$0] }
            candidates.append(contentsOf: found)
        }
        for (text, outcome) in zip(texts, outcomes) {
            notes.add(step: .expandingPattern(printable(text.text.utf8)))
            guard !outcome.matchedFile else { continue }
            notes.add(step: .patternWithoutMatch(printable(text.text.utf8)))
            if outcome.matchedDirectory, text.literalParts != nil {
                notes.add(step: .patternNamesDirectory(printable(text.text.utf8)))
            }
        }
        notes.add(all: details)
        return candidates
    }

    private func groups(_ texts: [PatternText], base: BaseDirectory) -> [Group] {
        var groups: [Group] = []
        for (index, text) in texts.enumerated() where !text.parts.isEmpty {
            var origin = text.origin(relativeTo: base.path)
            var components = text.components
            var prefix = RootPath.root
            if text.isAbsolute || text.levelsUp > 0 {
                // Outside the base directory the tree is what the pattern names without wildcards.
                while components.count > 1, case .one(let pattern) = components[0], let name = pattern.literal
                {
                    origin = origin.appending(name)
                    prefix = prefix.appending(name)
                    components.removeFirst()
                }
            }
            let pattern = PathPattern(components: components)
            if let known = groups.firstIndex(where: { $0.origin == origin && $0.namePrefix == prefix }) {
                groups[known].indices.append(index)
                groups[known].patterns.append(pattern)
            } else {
                groups.append(
                    Group(origin: origin, namePrefix: prefix, indices: [index], patterns: [pattern]))
            }
        }
        return groups
    }
}
