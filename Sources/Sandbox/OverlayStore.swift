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
        let directories = OverlayLayers.systemDirectories.filter { FileKind(of: "/" + $0) == .directory }
        self.directories = directories
        crowded = Self.crowded(directories)
        let layers = try OverlayLayers(directories, network: network)
        try makePrivateDirectory(path, mode: 0o700)
        cover = try OverlayCover(layers, directories, cache: cache, orAt: path.appending("cover"))
        for name in ["upper", "work", "own"] {
            try makePrivateDirectory(path.appending(name), mode: 0o755)
        }
        for directory in directories {
            try makePrivateDirectory(path.appending("work").appending(directory), mode: 0o755)
            var status = stat()
            guard lstat("/" + directory, &status) == 0 else {
                throw .fileSystem(FilePath("/" + directory), Errno(rawValue: errno))
            }
            let upper = path.appending("upper").appending(directory)
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
            try makePrivateDirectory(path.appending("own").appending(directory), mode: 0o755)
        }
    }

    /// Which of these top-level directories have others mounted below now; nobody but root can do anything about it.
    static func crowded(_ directories: [String]) -> Set<String> {
        geteuid() == 0 ? Set(directories.filter { !MountPoints.below("/" + $0).isEmpty }) : []
    }

    /// Where a top-level directory is mounted for ``BubblewrapArguments``.
    func merged(_ directory: String) -> String { cover.merged(directory) }

    /// Where a directory is that is the build's own.
    func own(_ directory: String) -> String { place("own/\(directory)") }

    private func place(_ relative: String) -> String {
        (way == .kernelInMemory ? path.appending("memory") : path).pushing(FilePath(relative)).string
    }
}

/// What makes the user namespace and the mounts, and then becomes `bwrap`.
struct OverlayStage {
    /// The name of the answer that asks for user ids.
    static let mappingNonce = "users"
    /// The line that says that the ids are there.
    static let goOn: [UInt8] = Array("go\n".utf8)

    /// `$1` is the way, `$2` the store, `$3` the cover; the overlays' names follow, then `--` and the command.
    ///
    /// Paths in mount options are relative or known to be without the separators that the options have; one `mount` does
    /// all, as processes are what takes long here. `volatile`: what is thrown away need not reach the disk. Each overlay
    /// is tried before it is used: files of users that the namespace does not know can be seen, but not changed.
    private static let program = """
        printf '\\036users:0\\036' >&2
        IFS= read -r go && [ "$go" = go ] || exit 1
        way=$1 cover=$3 up=; cd "$2" || exit 1; shift 3
        umask 022
        if [ "$way" = kernelInMemory ]; then
          mkdir -p memory && mount -t tmpfs -o size=25%,mode=755 tmpfs memory || exit 1
          cp -a upper own memory/ && cd memory && mkdir work || exit 1
          for name; do [ "$name" != -- ] || break; mkdir "work/$name" || exit 1; done
          up=../
          case $cover in /*) ;; *) cover=../$cover ;; esac
        fi
        table= probes=
        while [ "$1" != -- ]; do
          lower=/$1
          [ ! -d "${up}alone/$1" ] || lower=${up}alone/$1
          layers="lowerdir=$cover/layers/$1:$lower,upperdir=upper/$1,workdir=work/$1"
          if [ "$way" = fuse ]; then
            fuse-overlayfs -o "$layers,squash_to_root" "$cover/merged/$1" </dev/null || exit 1
          else
            table="$table
        overlay $cover/merged/$1 overlay $layers,userxattr,volatile"
          fi
          probe=$cover/merged/$1
          [ "$1" != usr ] || probe=$probe/bin
          probes="$probes $probe/.buildspec"
          shift
        done
        shift
        [ -z "$table" ] || { echo "$table" >table && mount -a -T table || exit 1; }
        for probe in $probes; do
          command : >"$probe" || { echo "a system directory cannot be written to" >&2; exit 1; }
        done
        rm $probes || exit 1
        cd /
        unset PATH PWD OLDPWD
        exec "$@"
        """

    /// Lets directories stand alone, without what is mounted below: `$1` is the store, their names follow, then `--` and
    /// the command.
    private static let standingAlone = """
        cd "$1" || exit 1; shift
        while [ "$1" != -- ]; do
          mount --bind "/$1" "alone/$1" || exit 1
          shift
        done
        shift
        cd /
        exec "$@"
        """

    /// The command that starts `command` with these overlays mounted.
    /// - Throws: ``OverlayRefusal`` when a tool is missing.
    static func command(_ store: OverlayStore, _ command: [String]) throws(OverlayRefusal) -> [String] {
        let unshare = try tool("unshare", package: "util-linux")
        var restore = ""
        _ = try tool("mount", package: "mount")
        var words = [unshare, "--user", "--mount", "--propagation", "private"]
        if store.way == .fuse {
            _ = try tool("fuse-overlayfs", package: "fuse-overlayfs")
            // Its server is outside the build's own process namespace; this one ends it together with the build.
            // `unshare` remarks on the end of a child that was killed, which does not belong into the log.
            words =
                [try tool("setpriv", package: "util-linux"), "--pdeathsig", "KILL", "--"]
                + ["/bin/sh", "-c", "exec 3>&2 2>/dev/null; exec \"$@\"", "sh"] + words
            words += ["--pid", "--fork", "--kill-child=KILL"]
            restore = "exec 2>&3 3>&-\n"
        }
        words += ["--", "/bin/sh", "-c", restore + program, "sh", store.way.rawValue, store.path.string]
        words += [store.cover.isKept ? store.cover.path.string : "cover"]
        words += store.directories + ["--"] + command
        if store.way == .fuse || store.crowded.isEmpty { return words }
        return [unshare, "--mount", "--propagation", "private", "--", "/bin/sh", "-c", standingAlone, "sh"]
            + [store.path.string] + store.crowded.sorted() + ["--"] + words
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
