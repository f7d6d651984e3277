import Glibc
import SystemPackage

/// The walk that reads a ``CodeTree``.
struct CodeWalk {
    private struct Directory {
        /// In the package.
        let name: RootPath
        /// On disk.
        let real: RootPath
        /// Directories outside that links were followed to on the way here.
        let jumps: [RootPath]
    }

    let root: AnchoredRoot
    let top: RootPath
    let limits: SelectionLimits
    /// What is left out, by its real path.
    var excluded: Set<RootPath> = []
    private var entries: [CodeTree.Entry] = []
    private var pending: [Directory] = []
    private var visited = 0

    init(root: AnchoredRoot, top: RootPath, limits: SelectionLimits) {
        self.root = root
        self.top = top
        self.limits = limits
    }

    /// Everything below the top, sorted.
    mutating func run() throws(ArchivingError) -> [CodeTree.Entry] {
        pending = [Directory(name: .root, real: top, jumps: [])]
        while let directory = pending.popLast() {
            guard !Task.isCancelled else {
                throw ArchivingError(.cancelled, directory.real.description, "the task was cancelled")
            }
            try read(directory)
        }
        return entries.sorted { $0.file.name < $1.file.name }
    }

    /// One file as an entry.
    static func file(
        _ root: AnchoredRoot, _ path: RootPath, named name: RootPath
    ) throws(ArchivingError)
        -> CodeTree.Entry
    {
        let opened: FileDescriptor
        switch root.openExact(path, flags: openPathOnly) {
        case .success(let descriptor): opened = descriptor
        case .failure(let errno): throw .reading(path.description, errno)
        }
        defer { try? opened.close() }
        guard let status = FileStatus(descriptor: opened.rawValue) else {
            throw .reading(path.description, .ioError)
        }
        let (parent, own) = path.split ?? (.root, [])
        return CodeTree.Entry(
            file: SelectedFile(
                name: EntryName(bytes: name.bytes), content: .file, directory: parent,
                realName: own.elementsEqual(EntryName(bytes: name.bytes).lastComponent) ? nil : own),
            status: status)
    }

    private mutating func read(_ directory: Directory) throws(ArchivingError) {
        let opened: FileDescriptor
        switch root.openExact(directory.real, flags: O_RDONLY | O_DIRECTORY) {
        case .success(let descriptor): opened = descriptor
        case .failure(.fileNameTooLong):
            throw ArchivingError(
                .limitExceeded, directory.real.description, "its path is longer than Linux can open")
        case .failure(let errno): throw .reading(directory.real.description, errno)
        }
        guard let stream = fdopendir(opened.rawValue) else {
            let failure = Errno(rawValue: errno)
            try? opened.close()
            throw .reading(directory.real.description, failure)
        }
        defer { closedir(stream) }
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = AnchoredRoot.name(of: entry)
            if name == [UInt8(ascii: ".")] || name == Array("..".utf8) { continue }
            try look(at: name, in: directory, opened.rawValue)
        }
        guard errno == 0 else { throw .reading(directory.real.description, Errno(rawValue: errno)) }
    }

    private mutating func look(
        at name: [UInt8], in directory: Directory, _ descriptor: Int32
    ) throws(ArchivingError) {
        visited += 1
        guard visited <= limits.visitedNames, entries.count < limits.files else {
            throw ArchivingError(.limitExceeded, top.description, "more than \(limits.files) files")
        }
        let named = directory.name.appending(name)
        let real = directory.real.appending(name)
        guard !excluded.contains(real) else { return }
        guard named.bytes.count <= limits.nameLength else {
            throw ArchivingError(
                .limitExceeded, real.description, "its name has more than \(limits.nameLength) bytes")
        }
        var status = stat()
        let asked = (name.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { text in
            text.baseAddress.map { fstatat(descriptor, $0, &status, AT_SYMLINK_NOFOLLOW) } ?? -1
        }
        guard asked == 0 else {
            // What vanished since the directory was listed is not in the tree.
            guard errno != ENOENT else { return }
            throw .reading(real.description, Errno(rawValue: errno))
        }
        switch AnchoredRoot.kind(mode: status.st_mode) {
        case .directory: pending.append(Directory(name: named, real: real, jumps: directory.jumps))
        case .link: try follow(named, real, directory)
        case .special(let kind):
            throw ArchivingError(.unsuitableEntry, real.description, "it is a \(kind.rawValue)")
        case .file:
            let file = SelectedFile(
                name: EntryName(bytes: named.bytes), content: .file, directory: directory.real, realName: nil)
            entries.append(CodeTree.Entry(file: file, status: FileStatus(status)))
        }
    }

    private mutating func follow(
        _ name: RootPath, _ link: RootPath, _ directory: Directory
    ) throws(ArchivingError) {
        guard let text = root.linkTarget(link) else { throw .reading(link.description, .ioError) }
        switch root.resolve(link.bytes) {
        case .success((_, let target)) where target.isWithin(top) && directory.jumps.isEmpty:
            keep(name, directory, Self.staysInside(text, at: name) ? text : Self.relative(target, link))
        case .success((.file, let target)):
            entries.append(try Self.file(root, target, named: name))
        case .success((.directory, let target)):
            guard !top.isWithin(target), !directory.jumps.contains(where: { $0.isWithin(target) }) else {
                throw ArchivingError(
                    .unsuitableEntry, link.description, "it is a link to a directory that contains it")
            }
            pending.append(Directory(name: name, real: target, jumps: directory.jumps + [target]))
        case .success:
            throw ArchivingError(.unsuitableEntry, link.description, "it is a link to a special file")
        case .failure(.noSuchFileOrDirectory), .failure(.notDirectory), .failure(.tooManySymbolicLinkLevels),
            .failure(.fileNameTooLong):
            keep(name, directory, text)
        case .failure(let errno): throw .reading(link.description, errno)
        }
    }

    private mutating func keep(_ name: RootPath, _ directory: Directory, _ target: [UInt8]) {
        let file = SelectedFile(
            name: EntryName(bytes: name.bytes), content: .link(target: target), directory: directory.real,
            realName: nil)
        entries.append(CodeTree.Entry(file: file, status: nil))
    }

    /// Whether a target is relative and never climbs above the top, so that it means the same in the package.
    private static func staysInside(_ target: [UInt8], at name: RootPath) -> Bool {
        guard target.first != UInt8(ascii: "/") else { return false }
        var depth = name.components.count - 1
        for part in target.split(separator: UInt8(ascii: "/")) where !part.elementsEqual(".".utf8) {
            depth += part.elementsEqual("..".utf8) ? -1 : 1
            guard depth >= 0 else { return false }
        }
        return true
    }

    /// The way from a link to its target, both real paths.
    private static func relative(_ target: RootPath, _ link: RootPath) -> [UInt8] {
        let from = (link.split?.parent ?? .root).components
        let to = target.components
        let shared = zip(from, to).prefix { $0 == $1 }.count
        let parts = from.dropFirst(shared).map { _ in Array("..".utf8) } + to.dropFirst(shared)
        return parts.isEmpty ? [UInt8(ascii: ".")] : RootPath(components: parts).bytes
    }
}
