import CLinuxCalls
import Glibc
import SystemPackage

/// The directory of one sandbox for all that its build changes in the system.
struct OverlayStore: Sendable, Hashable {
    /// Where it is.
    let path: FilePath
    /// How it is mounted.
    let way: OverlayWay
    /// The top-level directories that are overlays, without their slash.
    let directories: [String]

    /// What hides the host's secrets, and where the overlays are mounted.
    let cover: OverlayCover
    /// Directories that have others mounted below, which the kernel refuses as layers of a namespace that root made;
    /// root can let them stand alone before.
    let crowded: Set<String>
    /// What was mounted on this machine when it was made.
    let mountPoints: MountPoints

    /// Makes the store of a sandbox, afresh.
    ///
    /// - Parameters:
    ///   - path: Where it is to be.
    ///   - way: How it is mounted.
    ///   - network: Whether names are to be resolved.
    ///   - cache: Where the ``OverlayCover`` is kept for later sandboxes; nil to keep none.
    /// - Throws: ``SandboxError`` when a directory cannot be made.
    init(
        _ path: FilePath, way: OverlayWay, network: SandboxConfiguration.Network, cache: FilePath? = nil
    ) throws(SandboxError) {
        self.path = path
        self.way = way
        let directories = OverlayLayers.presentDirectories
        self.directories = directories
        mountPoints = MountPoints()
        crowded = Self.crowded(directories, mountPoints)
        let ahead = LayersAhead.shared.take(network: network)
        let layers = if let ahead { ahead } else { try OverlayLayers(directories, network: network) }
        try makePrivateDirectory(path, mode: 0o700)
        cover = try OverlayCover(layers, directories, cache: cache, orAt: path.appending("cover"))
        // Side by side, and not below others: each directory takes its time, and again when it is removed.
        if way != .fuse { try makePrivateDirectory(path.appending(Self.rootName), mode: 0o755) }
        for directory in directories {
            try makePrivateDirectory(path.appending("work-\(directory)"), mode: 0o755)
            var status = stat()
            guard lstat("/" + directory, &status) == 0 else {
                throw .fileSystem(FilePath("/" + directory), Errno(rawValue: errno))
            }
            let upper = path.appending("upper-\(directory)")
            try makePrivateDirectory(upper, mode: status.st_mode & 0o7777)
            if geteuid() == 0, status.st_uid != 0 || status.st_gid != 0 {
                lchown(upper.string, status.st_uid, status.st_gid)
            }
        }
        if !crowded.isEmpty { try makePrivateDirectory(path.appending("alone"), mode: 0o755) }
        for directory in crowded {
            try makePrivateDirectory(path.appending("alone").appending(directory), mode: 0o755)
        }
        for directory in OverlayLayers.ownDirectories {
            try makePrivateDirectory(path.appending("own-\(directory)"), mode: 0o755)
        }
    }

    /// Which of these top-level directories have others mounted below now; nobody but root can do anything about it.
    static func crowded(_ directories: [String], _ points: MountPoints = MountPoints()) -> Set<String> {
        guard geteuid() == 0 else { return [] }
        return Set(directories.filter { !points.below("/" + $0).isEmpty })
    }

    /// Where a top-level directory is mounted for ``BubblewrapArguments``.
    func merged(_ directory: String) -> String { cover.merged(directory) }

    /// Where a directory is that is the build's own.
    func own(_ directory: String) -> String { place("own-\(directory)") }

    static let rootName = "root"

    /// Where the sandbox's root is put together, with all of the above in it; nil where `bwrap` does that.
    var root: String? { way == .fuse ? nil : place(Self.rootName) }

    private func place(_ relative: String) -> String {
        (way == .kernelInMemory ? path.appending("memory") : path).pushing(FilePath(relative)).string
    }
}

/// The overlays that the kernel mounts for a sandbox, in the words of `buildspec_overlays`.
///
/// Paths in mount options are relative to the store, or known to be without the separators that the options have.
/// `volatile`: what is thrown away need not reach the disk.
struct OverlayMounts: Sendable {
    /// Where relative paths start from.
    let store: String
    /// Directories that are to stand alone, without what is mounted below them, and where.
    let alone: [String]
    /// The store's directories that are made again in memory, parents first; nil where it stays on disk.
    let memory: [String]?
    /// Name, mount point, options and probe of each overlay.
    let mounts: [String]
    /// What is bound in the root, and where.
    let binds: [String]
    /// What is bound there read-only, and where.
    let shown: [String]
    /// The links in the root, and where they are.
    let links: [String]

    /// Works out the overlays of a store, and the root of a build's sandbox.
    init(_ store: OverlayStore, _ configuration: SandboxConfiguration) {
        self.store = store.path.string
        alone = store.crowded.sorted().flatMap { ["/" + $0, "alone/" + $0] }
        let up = store.way == .kernelInMemory ? "../" : ""
        let cover = store.cover.isKept ? store.cover.path.string : up + "cover"
        mounts = store.directories.flatMap { name in
            let lower = store.crowded.contains(name) ? "\(up)alone/\(name)" : "/\(name)"
            let place = "\(OverlayStore.rootName)/\(name)"
            return [
                "an overlay on /\(name)", place,
                "lowerdir=\(cover)/layers/\(name):\(lower),upperdir=upper-\(name),workdir=work-\(name),"
                    + "userxattr,volatile",
                place + (name == "usr" ? "/bin" : "") + "/.buildspec",
            ]
        }
        links = OverlayLayers.systemLinks.flatMap { [$0.target, $0.name] }
        binds =
            OverlayLayers.ownDirectories.flatMap { [store.own($0), $0] }
            + BubblewrapArguments.buildDirectories.flatMap {
                [configuration.root.host(FilePath($0)).string, $0]
            }
        let tools = configuration.tools.sorted { $0.key < $1.key }
        shown =
            ["/sys/devices/system/cpu", "sys/devices/system/cpu"]
            + tools.flatMap { [$0.value.string, "codebuild/user/bin/\($0.key)"] }
        let directories =
            store.directories.flatMap { ["upper-\($0)", "work-\($0)"] }
            + OverlayLayers.ownDirectories.map { "own-\($0)" } + [OverlayStore.rootName]
        memory = store.way == .kernelInMemory ? directories : nil
    }

    /// Lends them to C.
    func withStructure<Result>(_ body: (UnsafePointer<buildspec_overlays>) -> Result) -> Result {
        withCStringLists([alone, mounts, links, binds, shown, memory ?? []]) { lists in
            store.withCString { store in
                OverlayStage.question.withCString { question in
                    OverlayStore.rootName.withCString { root in
                        var overlays = buildspec_overlays(
                            store: store, question: question, alone: lists[0],
                            memory: memory == nil ? nil : lists[5], mounts: lists[1], root: root,
                            links: lists[2], binds: lists[3], shown: lists[4])
                        return body(&overlays)
                    }
                }
            }
        }
    }
}

/// What mounts overlays with `fuse-overlayfs` in a user namespace, and then becomes `bwrap`.
struct OverlayStage {
    /// The name of the answer that asks for user ids.
    static let mappingNonce = "users"
    /// That answer.
    static let question = "\u{1e}\(mappingNonce):0\u{1e}"
    /// The line that says that the ids are there.
    static let goOn: [UInt8] = Array("go\n".utf8)

    /// `$1` is the store, `$2` the cover; the overlays' names follow, then `--` and the command.
    ///
    /// Paths in mount options are relative or known to be without the separators that the options have. Each overlay is
    /// tried before it is used: files of users that the namespace does not know can be seen, but not changed.
    private static let program = """
        exec 2>&3 3>&-
        printf '\\036users:0\\036' >&2
        IFS= read -r go && [ "$go" = go ] || exit 1
        cd "$1" || exit 1; cover=$2; shift 2
        umask 022
        probes=
        while [ "$1" != -- ]; do
          layers="lowerdir=$cover/layers/$1:/$1,upperdir=upper-$1,workdir=work-$1"
          fuse-overlayfs -o "$layers,squash_to_root" "$cover/merged/$1" </dev/null || exit 1
          probe=$cover/merged/$1
          [ "$1" != usr ] || probe=$probe/bin
          probes="$probes $probe/.buildspec"
          shift
        done
        shift
        for probe in $probes; do
          command : >"$probe" || { echo "a system directory cannot be written to" >&2; exit 1; }
        done
        rm $probes || exit 1
        cd /
        unset PATH PWD OLDPWD
        exec "$@"
        """

    /// The command that starts `command` with these overlays mounted.
    ///
    /// The server of an overlay is outside the build's own process namespace; another one ends it together with the
    /// build. `unshare` remarks on the end of a child that was killed, which does not belong into the log.
    /// - Throws: ``OverlayRefusal`` when a tool is missing.
    static func command(_ store: OverlayStore, _ command: [String]) throws(OverlayRefusal) -> [String] {
        let unshare = try tool("unshare", package: "util-linux")
        _ = try tool("fuse-overlayfs", package: "fuse-overlayfs")
        var words = [try tool("setpriv", package: "util-linux"), "--pdeathsig", "KILL", "--"]
        words += ["/bin/sh", "-c", "exec 3>&2 2>/dev/null; exec \"$@\"", "sh"]
        words += [unshare, "--user", "--mount", "--propagation", "private"]
        words += ["--pid", "--fork", "--kill-child=KILL", "--", "/bin/sh", "-c", program, "sh"]
        words += [store.path.string, store.cover.isKept ? store.cover.path.string : "cover"]
        return words + store.directories + ["--"] + command
    }

    private static func tool(_ name: String, package: String) throws(OverlayRefusal) -> String {
        guard let path = SandboxLaunch.find(name) else {
            throw OverlayRefusal(reason: "\(name) is not installed", mend: "install the package `\(package)`")
        }
        return path.string
    }
}

extension OverlayWay {
    /// The ways that may work for this user, the best first.
    ///
    /// The kernel lets nobody change files whose owner his namespace does not know, and root's files are of such an
    /// owner in an ordinary user's namespace.
    static var candidates: [OverlayWay] {
        geteuid() == 0 ? [.kernel, .kernelInMemory, .fuse] : [.fuse]
    }
}
