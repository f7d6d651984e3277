import SystemPackage

extension TreeWalk {
    /// Decides about a symbolic link: keep it as a link, take what it leads to, or leave it out with a note.
    ///
    /// Returns the directory it leads to, if that is to be entered.
    mutating func follow(
        _ name: [UInt8], in directory: WalkDirectory, _ matcher: FileMatcher, _ notes: inout SelectionNotes
    ) throws(ArchivingError) -> WalkDirectory? {
        if keepsEveryLink {
            try keep(name, in: directory, matcher)
            return nil
        }
        let couldBeEntered = isWorthEntering(name, in: directory)
        let pattern = name.withUnsafeBufferPointer { match($0, matcher) }
        guard pattern != nil || couldBeEntered else { return nil }
        let path = directory.realPath.appending(name)
        let target: (kind: AnchoredRoot.Kind, path: RootPath)
        switch root.resolve(path.bytes) {
        case .success(let resolved): target = resolved
        case .failure(.permissionDenied): throw .reading(path.description, .permissionDenied)
        case .failure:
            if pattern != nil { notes.add(detail: .brokenLink(path: path.description)) }
            return nil
        }
        if let hiddenDirectory, target.path.isWithin(hiddenDirectory) { return nil }
        switch target.kind {
        case .file:
            guard let pattern else { return nil }
            try take(file: target.path, as: name, pattern, in: directory, &notes)
        case .directory:
            return try take(directory: target.path, as: name, pattern, in: directory, &notes)
        case .special(let kind):
            if pattern != nil { notes.add(detail: .specialFile(path: path.description, kind: kind)) }
        case .link:
            if pattern != nil { notes.add(detail: .brokenLink(path: path.description)) }
        }
        return nil
    }

    /// A link to a file: its content is stored, wherever it lies in a sandbox's root; on the host's own root
    /// it must stay in the tree, because there the files outside are not the build's.
    private mutating func take(
        file target: RootPath, as name: [UInt8], _ pattern: Int, in directory: WalkDirectory,
        _ notes: inout SelectionNotes
    ) throws(ArchivingError) {
        let path = directory.realPath.appending(name)
        guard !root.isHostRoot || isInTree(target), let (parent, realName) = target.split else {
            notes.add(detail: .linkLeavesTree(path: path.description, target: target.description))
            return
        }
        let kept = keepsLinks && isInTree(target) ? keptTarget(of: path, at: directory.relativePath) : nil
        let file = SelectedFile(
            name: directory.entryName(name), content: kept.map { .link(target: $0) } ?? .file,
            directory: parent, realName: realName)
        if kept == nil {
            try add(file, pattern)
        } else {
            try add(link: file, pattern, linksToDirectory: false)
        }
    }

    /// A link that is kept without a look at where it leads.
    private mutating func keep(
        _ name: [UInt8], in directory: WalkDirectory, _ matcher: FileMatcher
    ) throws(ArchivingError) {
        guard let pattern = name.withUnsafeBufferPointer({ match($0, matcher) }),
            let target = root.linkTarget(directory.realPath.appending(name))
        else { return }
        try add(
            SelectedFile(
                name: directory.entryName(name), content: .link(target: target),
                directory: directory.realPath, realName: nil), pattern)
    }

    /// A link to a directory: kept as a link if that is wanted, else entered unless it leaves the tree or
    /// goes in a circle.
    private mutating func take(
        directory target: RootPath, as name: [UInt8], _ pattern: Int?, in directory: WalkDirectory,
        _ notes: inout SelectionNotes
    ) throws(ArchivingError) -> WalkDirectory? {
        let path = directory.realPath.appending(name)
        guard isInTree(target) else {
            notes.add(detail: .linkLeavesTree(path: path.description, target: target.description))
            return nil
        }
        if keepsLinks, let pattern, let text = keptTarget(of: path, at: directory.relativePath) {
            try add(
                link: SelectedFile(
                    name: directory.entryName(name), content: .link(target: text),
                    directory: directory.realPath, realName: nil), pattern, linksToDirectory: true)
            return nil
        }
        guard !directory.realPath.isWithin(target), !directory.jumps.contains(where: { $0.isWithin(target) })
        else {
            notes.add(detail: .linkLoop(path: path.description, target: target.description))
            return nil
        }
        leaveOrder()
        return enter(name, real: target, from: directory, jump: true)
    }

    /// A link's target for the artifact: an absolute one below the start of the walk is made relative, so
    /// that it still leads there wherever the artifact is unpacked.
    private func keptTarget(of link: RootPath, at directory: RootPath) -> [UInt8]? {
        guard let target = root.linkTarget(link) else { return nil }
        guard target.first == UInt8(ascii: "/") else { return target }
        let absolute = RootPath(components: PatternText(String(decoding: target, as: UTF8.self)).parts)
        guard String(validating: target, as: UTF8.self) != nil, absolute.isWithin(start.path) else {
            return target
        }
        let below = absolute.components.dropFirst(start.path.components.count)
        let up = directory.components.map { _ in Array("..".utf8) }
        return below.isEmpty && up.isEmpty ? [UInt8(ascii: ".")] : RootPath(components: up + below).bytes
    }

    private func isInTree(_ path: RootPath) -> Bool {
        trees.contains { path.isWithin($0) }
    }
}
