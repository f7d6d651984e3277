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

    /// Makes the store of a sandbox, afresh.
    /// - Throws: ``SandboxError`` when a directory cannot be made.
    init(
        _ path: FilePath, way: OverlayWay, network: SandboxConfiguration.Network
    ) throws(SandboxError) {
        self.path = path
        self.way = way
        directories = OverlayLayers.systemDirectories.filter { FileKind(of: "/" + $0) == .directory }
        try makePrivateDirectory(path, mode: 0o700)
        for name in ["upper", "work", "merged", "own"] {
            try makePrivateDirectory(path.appending(name), mode: 0o755)
        }
        for directory in directories {
            for name in ["work", "merged"] {
                try makePrivateDirectory(path.appending(name).appending(directory), mode: 0o755)
            }
        }
        for directory in OverlayLayers.ownDirectories {
            try makePrivateDirectory(path.appending("own").appending(directory), mode: 0o755)
        }
        try OverlayLayers(upper: path.appending("upper")).prepare(directories, network: network)
    }

    /// Where a top-level directory is mounted for ``BubblewrapArguments``.
    func merged(_ directory: String) -> String { place("merged/\(directory)") }

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

    /// `$1` is the way, `$2` the store; the overlays' names follow, then `--` and the command.
    ///
    /// All paths in mount options are relative, because the options have separators of their own. `volatile`: what is
    /// thrown away need not reach the disk. Each overlay is
    /// tried before it is used: files of users that the namespace does not know can be seen, but not changed.
    private static let program = """
        printf '\\036users:0\\036' >&2
        IFS= read -r go && [ "$go" = go ] || exit 1
        way=$1; cd "$2" || exit 1; shift 2
        umask 022
        if [ "$way" = kernelInMemory ]; then
          mkdir -p memory && mount -t tmpfs -o size=25%,mode=755 tmpfs memory || exit 1
          cp -a upper own memory/ && cd memory && mkdir work merged || exit 1
          for name; do [ "$name" != -- ] || break; mkdir "work/$name" "merged/$name" || exit 1; done
        fi
        while [ "$1" != -- ]; do
          layers="lowerdir=/$1,upperdir=upper/$1,workdir=work/$1"
          case $way in
            fuse) fuse-overlayfs -o "$layers,squash_to_root" "merged/$1" </dev/null || exit 1 ;;
            *) mount -t overlay -o "$layers,userxattr,volatile" overlay "merged/$1" || exit 1 ;;
          esac
          probe=merged/$1
          [ "$1" != usr ] || probe=merged/usr/bin
          ( : >"$probe/.buildspec" ) && rm "$probe/.buildspec" || { echo "/$1 cannot be written to" >&2; exit 1; }
          shift
        done
        shift
        cd /
        unset PATH PWD OLDPWD
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
