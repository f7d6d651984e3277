import Glibc
import SystemPackage

/// What lies over the host's directories in a writable system: what hides the host's secrets, and little else.
///
/// An overlay shows a whole directory of the host, and root in the sandbox may read all that it shows. So whatever a
/// build has no business with is covered, by whiteouts and by empty files, which the kernel applies. Worked out anew for
/// each build, as a value; ``OverlayCover`` puts it on disk where it is not there yet.
struct OverlayLayers: Sendable {
    /// What covers one path.
    enum Entry: Sendable {
        /// The host's directory goes on, with its mode and owner.
        case directory(mode: mode_t, owner: uid_t, group: gid_t)
        /// Nothing is there.
        case whiteout
        /// A file instead of the host's.
        case file(String, mode: mode_t)
    }

    /// Top-level directories that are writable copies of the host's; links stay links.
    static let systemDirectories = [
        "usr", "etc", "opt", "var", "bin", "sbin", "lib", "lib32", "lib64", "libx32",
    ]
    /// Those of ``systemDirectories`` that this system has.
    static var presentDirectories: [String] {
        systemDirectories.filter { FileKind(of: "/" + $0) == .directory }
    }

    /// Those that are links on this system, and what they say.
    static var systemLinks: [(name: String, target: String)] {
        systemDirectories.compactMap { name in
            guard case .link(let target) = FileKind(of: "/" + name) else { return nil }
            return (name, target)
        }
    }

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

    /// What covers, by path without the leading slash; of every path its parents, too.
    private(set) var entries: [String: Entry] = [:]

    /// Works out what must cover these top-level directories.
    /// - Throws: ``SandboxError`` when something cannot be looked at that must be hidden.
    init(_ directories: [String], network: SandboxConfiguration.Network) throws(SandboxError) {
        for directory in directories { try mirror(directory) }
        if directories.contains("etc") {
            for place in BubblewrapArguments.secretPlaces { try hide(String(place.dropFirst())) }
            try hideUnreadable("etc")
            try writeAccounts()
            if network == .host { try writeResolver() }
            try copyMountedFiles()
        }
        if directories.contains("var") { try keepStateOnly() }
        if directories.contains("usr") { try SudoStandIn.write(in: &self) }
    }

    /// Lets a directory of the host go on, and its parents.
    private mutating func mirror(_ path: String) throws(SandboxError) {
        if entries[path] != nil { return }
        let parent = FilePath(path).removingLastComponent()
        if !parent.isEmpty { try mirror(parent.string) }
        var status = stat()
        guard lstat("/" + path, &status) == 0 else {
            throw .fileSystem(FilePath("/" + path), Errno(rawValue: errno))
        }
        entries[path] = .directory(
            mode: status.st_mode & 0o7777, owner: status.st_uid, group: status.st_gid)
    }

    /// Lets a path of the host be absent.
    private mutating func whiteOut(_ path: String) throws(SandboxError) {
        try mirror(FilePath(path).removingLastComponent().string)
        entries[path] = .whiteout
    }

    /// Puts a file in front of what the host has there.
    mutating func write(_ content: String, to path: String, mode: mode_t) throws(SandboxError) {
        try mirror(FilePath(path).removingLastComponent().string)
        entries[path] = .file(content, mode: mode)
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
    private mutating func hide(_ path: String) throws(SandboxError) {
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
    private mutating func hideUnreadable(_ path: String) throws(SandboxError) {
        let covering = entries
        let places = Self.unreadable(below: path) { place in
            switch covering[place] {
            case .whiteout, .file: true
            case .directory, nil: false
            }
        }
        for place in places { try hide(place) }
    }

    /// The files and directories of the host that an ordinary user cannot read, without what is below them.
    ///
    /// - Parameters:
    ///   - path: The directory to look in, without the leading slash.
    ///   - isCovered: Whether a place is hidden already, as a whole.
    /// - Returns: The places, without the leading slash.
    static func unreadable(below path: String, isCovered: (String) -> Bool) -> [String] {
        var places: [String] = []
        let directory = open("/" + path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        addUnreadable(directory, path, depth: 0, isCovered, to: &places)
        return places
    }

    /// Looks through a directory, which it closes; `/etc` has a thousand files, so each costs one call only.
    private static func addUnreadable(
        _ directory: Int32, _ path: String, depth: Int, _ isCovered: (String) -> Bool,
        to places: inout [String]
    ) {
        guard directory >= 0 else { return }
        guard let stream = fdopendir(directory) else {
            close(directory)
            return
        }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            // Links are left out at sight, where the file system knows them.
            guard entry.pointee.d_type != UInt8(DT_LNK) else { continue }
            withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { name in
                    guard strcmp(name, ".") != 0, strcmp(name, "..") != 0 else { return }
                    var status = stat()
                    guard fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return }
                    let isDirectory = status.st_mode & S_IFMT == S_IFDIR
                    let needed: mode_t = isDirectory ? 0o005 : 0o004
                    let isShown = status.st_mode & needed == needed
                    guard isDirectory || (status.st_mode & S_IFMT == S_IFREG && !isShown) else { return }
                    let text = String(cString: name)
                    let place = "\(path)/\(text)"
                    guard !isCovered(place) else { return }
                    guard isDirectory, isShown, depth < 30 else { return places.append(place) }
                    let child = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                    addUnreadable(child, place, depth: depth + 1, isCovered, to: &places)
                }
            }
        }
    }

    /// Accounts without passwords, so that `useradd` and `chpasswd` have what they look for.
    private mutating func writeAccounts() throws(SandboxError) {
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
    private mutating func writeResolver() throws(SandboxError) {
        guard case .link = FileKind(of: "/etc/resolv.conf"),
            let content = ProcessTable.read("/etc/resolv.conf", limit: 1 << 16)
        else { return }
        try write(String(decoding: content, as: UTF8.self), to: "etc/resolv.conf", mode: 0o644)
    }

    /// Container engines mount files such as `/etc/hosts`, which an overlay does not look through.
    private mutating func copyMountedFiles() throws(SandboxError) {
        for path in MountPoints().below("/etc") where FileKind(of: path) == .file {
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & S_IROTH != 0,
                let content = ProcessTable.read(path, limit: 1 << 20)
            else { continue }
            try write(String(decoding: content, as: UTF8.self), to: String(path.dropFirst()), mode: 0o644)
        }
    }

    private mutating func keepStateOnly() throws(SandboxError) {
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
                try hideUnreadable(place)
            }
        }
        // debconf keeps answers there, some of them passwords.
        if FileKind(of: "/var/cache/debconf") == .directory {
            try hideUnreadable("var/cache/debconf")
        }
    }
}

/// Where something is mounted on this machine now.
struct MountPoints: Sendable, Hashable {
    private let paths: [String]

    /// Reads the kernel's table.
    init() {
        let table = ProcessTable.read("/proc/self/mountinfo", limit: 8 << 20) ?? []
        paths = table.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 5)
            return fields.count > 4 ? String(decoding: fields[4], as: UTF8.self) : nil
        }
    }

    /// Mount points below a directory.
    func below(_ directory: String) -> [String] {
        // A path with a blank is written `\\040`: no system directory has one.
        paths.filter { $0.hasPrefix(directory + "/") && !$0.contains("\\") }
    }
}
