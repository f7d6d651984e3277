import Glibc
import SystemPackage

/// ``OverlayLayers`` on disk: a lower layer that any number of sandboxes share, and the directories to mount on.
///
/// Making some hundred small files takes longer than all else about a sandbox, so they are kept, in the user's cache,
/// for as long as what has to be hidden stays the same. Nothing in it is secret, and no build can write to it.
struct OverlayCover: Sendable, Hashable {
    /// Where it is.
    let path: FilePath
    /// Whether it outlives the sandbox.
    let isKept: Bool

    /// Covers that nobody used for this long are removed, in seconds.
    private static let lifetime = 30 * 24 * 3600
    private static let descriptionName = "description"

    /// Finds or makes the cover of these directories.
    ///
    /// - Parameters:
    ///   - layers: What covers them.
    ///   - directories: The top-level directories, which get a directory to be mounted on.
    ///   - cache: Where covers are kept; nil to make one only for now.
    ///   - place: Where one is made that is not kept.
    /// - Throws: ``SandboxError`` when it cannot be written.
    init(
        _ layers: OverlayLayers, _ directories: [String], cache: FilePath?, orAt place: FilePath
    ) throws(SandboxError) {
        let description = Self.describe(layers)
        let cache = cache.map { Self.apart($0, from: directories) }
        if let cache, let kept = Self.kept(layers, directories, description, in: cache) {
            (path, isKept) = (kept, true)
            return
        }
        (path, isKept) = (place, false)
        try Self.write(layers, directories, description, at: place)
    }

    /// The layer over a top-level directory.
    func layer(_ directory: String) -> FilePath { path.appending("layers").appending(directory) }

    /// Where a top-level directory's overlay is mounted, in a namespace of its own.
    func merged(_ directory: String) -> String {
        path.appending("merged").appending(directory).string
    }

    /// The cache, or for root another place when it is below a directory that becomes an overlay, such as `/var`: the
    /// kernel refuses layers of which one contains the other.
    private static func apart(_ cache: FilePath, from directories: [String]) -> FilePath {
        guard geteuid() == 0 else { return cache }
        var existing = cache
        while access(existing.string, F_OK) != 0, !existing.components.isEmpty {
            existing.removeLastComponent()
        }
        guard let resolved = realpath(existing.string, nil) else { return cache }
        defer { free(resolved) }
        let first = FilePath(String(cString: resolved)).components.first?.string
        return first.map(directories.contains) == true ? "/run/buildspec/system" : cache
    }

    /// A cover with just this content in the cache, made when it is missing; nil where that cannot be done safely.
    private static func kept(
        _ layers: OverlayLayers, _ directories: [String], _ description: [UInt8], in cache: FilePath
    ) -> FilePath? {
        // The path is a word in mount options and in a shell.
        let plain = cache.string.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF) || "._-/+@=".utf8.contains($0)
        }
        guard plain else { return nil }
        let kept = cache.appending(name(of: description))
        if isSound(kept, description) {
            forgetUnfinished(in: cache)
            return kept
        }
        do {
            try makeParents(cache)
            guard isOwn(cache) else { return nil }
            let made = cache.appending(".\(getpid()).\(SandboxDriver.makeNonce()).partial")
            defer { removeTree(made) }
            try write(layers, directories, description, at: made)
            // When another runner was faster, its own is as good.
            rename(made.string, kept.string)
            forget(in: cache)
        } catch {
            return nil
        }
        return isSound(kept, description) ? kept : nil
    }

    /// Whether a cover is complete, of this content, and nobody else's to change.
    private static func isSound(_ kept: FilePath, _ description: [UInt8]) -> Bool {
        guard isOwn(kept.removingLastComponent()), isOwn(kept),
            ProcessTable.read(kept.appending(descriptionName).string, limit: 64 << 20) == description
        else { return false }
        var status = stat()
        if stat(kept.string, &status) == 0, time(nil) - status.st_mtim.tv_sec > 24 * 3600 {
            utimensat(AT_FDCWD, kept.string, nil, 0)
        }
        return true
    }

    private static func isOwn(_ directory: FilePath) -> Bool {
        var status = stat()
        return lstat(directory.string, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            && status.st_uid == geteuid() && status.st_mode & 0o022 == 0
    }

    private static func makeParents(_ directory: FilePath) throws(SandboxError) {
        if FileKind(of: directory.string) == .directory { return }
        let parent = directory.removingLastComponent()
        if !parent.isEmpty, parent != directory { try makeParents(parent) }
        try makePrivateDirectory(directory, mode: 0o700)
    }

    /// Removes covers of systems as they were long ago, and unfinished ones.
    private static func forget(in cache: FilePath) {
        forgetUnfinished(in: cache)
        for name in OverlayLayers.names(in: cache.string) ?? [] {
            let old = cache.appending(name)
            var status = stat()
            let age = lstat(old.string, &status) == 0 ? time(nil) - status.st_mtim.tv_sec : 0
            if age > lifetime { removeTree(old) }
        }
    }

    /// Removes what runners were writing when they were killed.
    ///
    /// One that lives where its process cannot be seen, and loses what it is writing, makes itself one that is not kept.
    private static func forgetUnfinished(in cache: FilePath) {
        for name in OverlayLayers.names(in: cache.string) ?? [] where name.hasSuffix(".partial") {
            let writer = name.split(separator: ".").first.flatMap { pid_t($0) }
            guard let writer, writer > 0, kill(writer, 0) != 0, errno == ESRCH else { continue }
            removeTree(cache.appending(name))
        }
    }

    /// Removes a cover; links in it there are none.
    private static func removeTree(_ path: FilePath) {
        if unlink(path.string) == 0 || rmdir(path.string) == 0 || errno == ENOENT { return }
        for name in OverlayLayers.names(in: path.string) ?? [] { removeTree(path.appending(name)) }
        rmdir(path.string)
    }
}

extension OverlayCover {
    /// All that is in the layers, as one text.
    private static func describe(_ layers: OverlayLayers) -> [UInt8] {
        var text = "buildspec overlay cover 1\n"
        for (path, entry) in layers.entries.sorted(by: { $0.key < $1.key }) {
            switch entry {
            case .directory(let mode, let owner, let group): text += "d \(mode) \(owner) \(group) \(path)\n"
            case .whiteout: text += "w \(path)\n"
            case .file(let content, let mode):
                text += "f \(mode) \(content.utf8.count) \(path)\n\(content)\n"
            }
        }
        return Array(text.utf8)
    }

    /// A short name; what is in it is compared whole.
    private static func name(of description: [UInt8]) -> String {
        let hash = description.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01B3
        }
        return String(hash, radix: 16)
    }

    /// Writes a cover; its description comes last, and makes it one.
    private static func write(
        _ layers: OverlayLayers, _ directories: [String], _ description: [UInt8], at path: FilePath
    ) throws(SandboxError) {
        try makePrivateDirectory(path, mode: 0o700)
        for name in ["layers", "merged"] { try makePrivateDirectory(path.appending(name), mode: 0o755) }
        for directory in directories {
            try makePrivateDirectory(path.appending("merged").appending(directory), mode: 0o755)
        }
        // In this order parents come first.
        for (name, entry) in layers.entries.sorted(by: { $0.key < $1.key }) {
            try write(entry, at: path.appending("layers").pushing(FilePath(name)))
        }
        try write(
            .file(String(decoding: description, as: UTF8.self), mode: 0o600),
            at: path.appending(descriptionName))
    }

    private static func write(_ entry: OverlayLayers.Entry, at target: FilePath) throws(SandboxError) {
        switch entry {
        case .directory(let mode, let owner, let group):
            try makePrivateDirectory(target, mode: mode)
            if geteuid() == 0 { lchown(target.string, owner, group) }
        case .whiteout:
            // Another way to mount may have been tried with the same directory before.
            unlink(target.string)
            guard mknod(target.string, S_IFCHR, 0) == 0 else {
                throw .fileSystem(target, Errno(rawValue: errno))
            }
        case .file(let content, let mode):
            unlink(target.string)
            do {
                let file = try FileDescriptor.open(
                    target, .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                    permissions: FilePermissions(rawValue: 0o600))
                defer { try? file.close() }
                try file.writeAll(content.utf8)
                fchmod(file.rawValue, mode)
            } catch let error as Errno {
                throw .fileSystem(target, error)
            } catch {
                throw SandboxError(code: .fileSystem, detail: "\(error)", path: target, hint: nil)
            }
        }
    }
}
