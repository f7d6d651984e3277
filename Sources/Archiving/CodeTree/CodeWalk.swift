import CLinuxCalls
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
        /// What stands before the names of what lies in it.
        var prefix: [UInt8] { name.asPrefix }
    }

    let root: AnchoredRoot
    let top: RootPath
    let limits: SelectionLimits
    /// What is left out, by its real path.
    var excluded: Set<RootPath> = []
    /// Asked for now and then.
    var isCancelled: () -> Bool = { Task.isCancelled }
    private let reader: DirectoryReader
    private var entries: [CodeTree.Entry] = []
    /// What was read.
    private(set) var directories: [CodeTree.Directory] = []
    /// The top's device, when it has this machine's own times.
    private(set) var localDevice: UInt64?
    private var pending: [Directory] = []
    private var visited = 0

    init(root: AnchoredRoot, top: RootPath, limits: SelectionLimits) {
        self.root = root
        self.top = top
        self.limits = limits
        reader = DirectoryReader(root: root)
    }

    /// Everything below the top, sorted.
    mutating func run() throws(ArchivingError) -> [CodeTree.Entry] {
        pending = [Directory(name: .root, real: top, jumps: [])]
        while let directory = pending.popLast() {
            guard !isCancelled() else {
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
        defer { try? opened.close() }
        guard let status = FileStatus(descriptor: opened.rawValue) else {
            throw .reading(directory.real.description, .ioError)
        }
        if directories.isEmpty, buildspec_has_local_times(opened.rawValue) != 0 {
            localDevice = status.device
        }
        directories.append(CodeTree.Directory(path: directory.real, status: status))
        let listing = try reader.list(opened, directory.real)
        let prefix = directory.prefix
        let left = Set(excluded.compactMap(\.split).filter { $0.parent == directory.real }.map(\.name))
        try listing.names.withUnsafeBufferPointer { (names) throws(ArchivingError) in
            for entry in listing.entries {
                // One byte more: the zero that ends it.
                let name = UnsafeBufferPointer(rebasing: names[entry.start...(entry.start + entry.length)])
                if !left.isEmpty, left.contains(Array(name.dropLast())) { continue }
                try look(at: name, entry.kind, in: directory, prefix, opened.rawValue)
            }
        }
    }

    /// Looks at one name, which is ended by a zero.
    private mutating func look(
        at name: UnsafeBufferPointer<UInt8>, _ known: AnchoredRoot.Kind?, in directory: Directory,
        _ prefix: [UInt8], _ descriptor: Int32
    ) throws(ArchivingError) {
        visited += 1
        guard visited <= limits.visitedNames, entries.count < limits.files else {
            throw ArchivingError(.limitExceeded, top.description, "more than \(limits.files) files")
        }
        let named = prefix + name.dropLast()
        var real: RootPath { directory.real.appending(name.dropLast()) }
        guard named.count <= limits.nameLength else {
            throw ArchivingError(
                .limitExceeded, real.description, "its name has more than \(limits.nameLength) bytes")
        }
        var status = stat()
        var kind = known
        if kind == nil || kind == .file {
            let asked = name.withMemoryRebound(to: CChar.self) { text in
                text.baseAddress.map { fstatat(descriptor, $0, &status, AT_SYMLINK_NOFOLLOW) } ?? -1
            }
            guard asked == 0 else {
                // What vanished since the directory was listed is not in the tree.
                guard errno != ENOENT else { return }
                throw .reading(real.description, Errno(rawValue: errno))
            }
            kind = AnchoredRoot.kind(mode: status.st_mode)
        }
        switch kind {
        case .directory:
            pending.append(Directory(name: RootPath(bytes: named), real: real, jumps: directory.jumps))
        case .link: try follow(RootPath(bytes: named), real, directory)
        case .special(let kind):
            throw ArchivingError(.unsuitableEntry, real.description, "it is a \(kind.rawValue)")
        case .file, nil:
            let file = SelectedFile(
                name: EntryName(bytes: named), content: .file, directory: directory.real, realName: nil)
            entries.append(CodeTree.Entry(file: file, status: FileStatus(status)))
        }
    }

    private mutating func follow(
        _ name: RootPath, _ link: RootPath, _ directory: Directory
    ) throws(ArchivingError) {
        guard let text = root.linkTarget(link) else {
            // What vanished since the directory was listed is not in the tree.
            guard try root.kind(of: link) != nil else { return }
            throw .reading(link.description, .ioError)
        }
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
