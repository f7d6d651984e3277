import Glibc
import SystemPackage

/// The upper layers of a writable system, before anything is mounted: empty but for what hides the host's secrets.
///
/// An overlay shows a whole directory of the host, and root in the sandbox may read all that it shows. So whatever a
/// build has no business with is covered here, by whiteouts and by empty files, which the kernel applies.
struct OverlayLayers {
    /// Top-level directories that are writable copies of the host's; links stay links.
    static let systemDirectories = [
        "usr", "etc", "opt", "var", "bin", "sbin", "lib", "lib32", "lib64", "libx32",
    ]
    /// Top-level directories that are the build's own, and empty.
    static let ownDirectories = ["home", "srv", "mnt", "media"]

    /// What package managers and their scripts keep in `/var`; all else there is hidden.
    private static let keptState: [String: Set<String>] = [
        "lib": [
            "dpkg", "apt", "pam", "ucf", "python", "emacsen-common", "xml-core", "sgml-base", "rpm", "dnf",
            "yum",
            "pacman", "apk", "alternatives", "misc", "texmf", "dictionaries-common", "shells.state", "man-db",
            "ghostscript", "gems", "vim", "aspell", "ispell", "binfmts",
        ],
        "cache": ["apt", "man", "fontconfig", "dnf", "yum", "dictionaries-common", "ldconfig", "debconf"],
    ]

    /// The directory below which the upper layers are.
    let upper: FilePath

    /// Fills the upper layers of these top-level directories.
    /// - Throws: ``SandboxError`` when something that must be hidden cannot be.
    func prepare(_ directories: [String], network: SandboxConfiguration.Network) throws(SandboxError) {
        for directory in directories { try mirror(directory) }
        if directories.contains("etc") {
            for place in BubblewrapArguments.secretPlaces { try hide(String(place.dropFirst())) }
            try hideUnreadable("etc", depth: 0)
            try writeAccounts()
            if network == .host { try writeResolver() }
            try copyMountedFiles()
        }
        if directories.contains("var") { try keepStateOnly() }
        if directories.contains("usr") { try SudoStandIn.write(in: self) }
    }

    /// Makes a directory of the upper layer that has the mode and owner of the host's, and its parents.
    func mirror(_ path: String) throws(SandboxError) {
        let target = upper.appending(path)
        var status = stat()
        if lstat(target.string, &status) == 0 { return }
        let parent = FilePath(path).removingLastComponent()
        if !parent.isEmpty { try mirror(parent.string) }
        guard lstat("/" + path, &status) == 0 else { throw .fileSystem(target, Errno(rawValue: errno)) }
        try makePrivateDirectory(target, mode: status.st_mode & 0o7777)
        if geteuid() == 0 { lchown(target.string, status.st_uid, status.st_gid) }
    }

    /// Lets a path of the host be absent.
    func whiteOut(_ path: String) throws(SandboxError) {
        let target = upper.appending(path)
        try mirror(FilePath(path).removingLastComponent().string)
        unlink(target.string)
        guard mknod(target.string, S_IFCHR, 0) == 0 else { throw .fileSystem(target, Errno(rawValue: errno)) }
    }

    /// Puts a file into the upper layer, in front of what the host has there.
    func write(_ content: String, to path: String, mode: mode_t) throws(SandboxError) {
        let target = upper.appending(path)
        try mirror(FilePath(path).removingLastComponent().string)
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

    /// The names in a directory of the host; nil when it cannot be listed.
    static func names(in path: String) -> [String]? {
        guard let directory = opendir(path) else { return nil }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// An empty directory, or an empty file, instead of the host's.
    private func hide(_ path: String) throws(SandboxError) {
        switch FileKind(of: "/" + path) {
        case .directory:
            guard let names = Self.names(in: "/" + path) else { return try whiteOut(path) }
            for name in names { try whiteOut("\(path)/\(name)") }
            try mirror(path)
        case .file: try write("", to: path, mode: 0o644)
        case .link, .none: break
        }
    }

    /// What an ordinary user of the host cannot read is nobody's business here either, whoever the runner is.
    private func hideUnreadable(_ path: String, depth: Int) throws(SandboxError) {
        for name in Self.names(in: "/" + path) ?? [] {
            let entry = "\(path)/\(name)"
            var status = stat()
            guard lstat("/" + entry, &status) == 0 else { continue }
            let isDirectory = status.st_mode & S_IFMT == S_IFDIR
            let isShown = status.st_mode & (isDirectory ? 0o005 : 0o004) == (isDirectory ? 0o005 : 0o004)
            guard isDirectory || (status.st_mode & S_IFMT == S_IFREG && !isShown) else { continue }
            // What is hidden already, as a whole, has nothing below it.
            if lstat(upper.appending(entry).string, &status) == 0, status.st_mode & S_IFMT != S_IFDIR {
                continue
            }
            if isDirectory, isShown, depth < 30 {
                try hideUnreadable(entry, depth: depth + 1)
            } else {
                try hide(entry)
            }
        }
    }

    /// Accounts without passwords, so that `useradd` and `chpasswd` have what they look for.
    private func writeAccounts() throws(SandboxError) {
        let files = [
            ("etc/passwd", "etc/shadow", ":*:19000:0:99999:7:::"), ("etc/group", "etc/gshadow", ":*::"),
        ]
        for (names, file, rest) in files where FileKind(of: "/" + names) == .file {
            let lines = String(decoding: ProcessTable.read("/" + names, limit: 4 << 20) ?? [], as: UTF8.self)
                .split(separator: "\n").compactMap { $0.split(separator: ":").first }.map { $0 + rest + "\n" }
            try write(lines.joined(), to: file, mode: 0o640)
        }
    }

    /// `/etc/resolv.conf` is often a link into `/run`, which is hidden.
    private func writeResolver() throws(SandboxError) {
        guard case .link = FileKind(of: "/etc/resolv.conf"),
            let content = ProcessTable.read("/etc/resolv.conf", limit: 1 << 16)
        else { return }
        try write(String(decoding: content, as: UTF8.self), to: "etc/resolv.conf", mode: 0o644)
    }

    /// Container engines mount files such as `/etc/hosts`, which an overlay does not look through.
    private func copyMountedFiles() throws(SandboxError) {
        for path in MountPoints.below("/etc") where FileKind(of: path) == .file {
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & S_IROTH != 0,
                let content = ProcessTable.read(path, limit: 1 << 20)
            else { continue }
            try write(String(decoding: content, as: UTF8.self), to: String(path.dropFirst()), mode: 0o644)
        }
    }

    private func keepStateOnly() throws(SandboxError) {
        for name in Self.names(in: "/var") ?? [] where name != "tmp" {
            guard FileKind(of: "/var/" + name) == .directory else { continue }
            guard let kept = Self.keptState[name] else {
                try hide("var/" + name)
                continue
            }
            try mirror("var/" + name)
            for child in Self.names(in: "/var/" + name) ?? [] where !kept.contains(child) {
                try whiteOut("var/\(name)/\(child)")
            }
        }
        // What fuse-overlayfs cannot read it cannot let the build replace: locks, mostly.
        if geteuid() != 0 {
            let places = ["var/lib/dpkg", "var/lib/apt", "var/cache/apt"]
            for place in places where FileKind(of: "/" + place) == .directory {
                try hideUnreadable(place, depth: 0)
            }
        }
        // debconf keeps answers there, some of them passwords.
        if FileKind(of: "/var/cache/debconf") == .directory {
            try hideUnreadable("var/cache/debconf", depth: 0)
        }
    }
}

/// Where something is mounted on this machine.
enum MountPoints {
    /// Mount points below a directory.
    static func below(_ directory: String) -> [String] {
        let table = ProcessTable.read("/proc/self/mountinfo", limit: 8 << 20) ?? []
        return table.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 5)
            guard fields.count > 4 else { return nil }
            let path = String(decoding: fields[4], as: UTF8.self)
            // A path with a blank is written `\\040`: no system directory has one.
            return path.hasPrefix(directory + "/") && !path.contains("\\") ? path : nil
        }
    }
}
