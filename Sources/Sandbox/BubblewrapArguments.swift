import Glibc
import SystemPackage

/// The argument list of `bwrap`: what a build sees, and nothing else.
///
/// The system directories are there, read-only, without their secrets; home, `/tmp` and `/codebuild` are the build's
/// own; other users' homes, `/run`, `/var`, `/srv`, `/mnt` and whatever else a host has do not exist.
struct BubblewrapArguments {
    private(set) var arguments: [String] = []

    /// Capabilities that CodeBuild's root has and ordinary build steps use, as container engines grant them.
    ///
    /// They hold in the sandbox's user namespace only.
    private static let capabilities = [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
        "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_SETFCAP",
    ]

    /// Top-level directories with programs and libraries.
    ///
    /// Where one is a link (`/bin` to `usr/bin`), it stays one.
    private static let systemDirectories = [
        "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/etc", "/nix/store",
    ]

    /// Files and directories below those that hold the host's secrets: hidden where they exist.
    static let secretPlaces = [
        "/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-", "/etc/ssh", "/etc/ssl/private",
        "/etc/sudoers", "/etc/sudoers.d", "/etc/krb5.keytab", "/etc/wireguard", "/etc/NetworkManager",
        "/etc/docker", "/etc/kubernetes", "/etc/rancher", "/etc/buildspec", "/etc/aws", "/etc/cloud",
        "/etc/amazon", "/etc/letsencrypt", "/etc/openvpn", "/etc/ipsec.secrets", "/etc/credstore",
        "/etc/credstore.encrypted", "/etc/security/opasswd", "/etc/machine-id",
    ]

    /// Files of `/proc` about the whole machine that container engines hide too.
    private static let kernelFiles = [
        "/proc/sysrq-trigger", "/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/latency_stats",
        "/proc/sched_debug", "/proc/kmsg",
    ]

    /// Works out the arguments for a sandbox of kind `bubblewrap`.
    ///
    /// With a `store` the system is what is mounted there, and a user namespace is there already.
    init(_ configuration: SandboxConfiguration, store: OverlayStore? = nil) {
        addNamespaces(configuration.network, own: store == nil)
        if let store {
            addWritableSystem(store)
        } else {
            addSystem()
            addNameResolution(configuration.network)
            arguments += SudoStandIn.arguments(configuration.root)
        }
        addBuildDirectories(configuration, store)
        add("--chdir", "/", "--")
    }

    private mutating func add(_ words: String...) {
        arguments += words
    }

    private mutating func addNamespaces(_ network: SandboxConfiguration.Network, own: Bool) {
        add("--die-with-parent", "--new-session", "--clearenv")
        if own { add("--unshare-user", "--uid", "0", "--gid", "0") }
        add("--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try")
        add("--hostname", "buildspec")
        if network == .none { add("--unshare-net") }
        add("--cap-drop", "ALL")
        for capability in Self.capabilities { add("--cap-add", capability) }
    }

    private mutating func addSystem() {
        for directory in Self.systemDirectories {
            switch FileKind(of: directory) {
            case .link(let target): add("--symlink", target, directory)
            case .directory: add("--ro-bind", directory, directory)
            case .file, .none: continue
            }
        }
        for place in Self.secretPlaces { hide(place) }
        if geteuid() == 0 {
            // Root in the sandbox could read what no ordinary user of the host can.
            let places = OverlayLayers.unreadable(below: "etc") { Self.secretPlaces.contains("/" + $0) }
            for place in places { hide("/" + place) }
        }
        addProcesses()
        add("--dev", "/dev")
        for directory in [
            "/run", "/run/lock", "/var", "/var/cache", "/var/lib", "/var/log", "/mnt", "/srv", "/home",
        ] {
            add("--dir", directory)
        }
        addProcessors()
        add("--symlink", "/run", "/var/run", "--symlink", "/run/lock", "/var/lock")
        add("--ro-bind-try", "/var/lib/dpkg", "/var/lib/dpkg")
    }

    /// An empty directory, or an empty file, instead of the host's.
    private mutating func hide(_ place: String) {
        switch FileKind(of: place) {
        case .directory: add("--tmpfs", place)
        case .file: add("--ro-bind", "/dev/null", place)
        case .link, .none: break
        }
    }

    /// Directories mounted in `store`, whose secrets its upper layers hide.
    private mutating func addWritableSystem(_ store: OverlayStore) {
        if let root = store.root {
            // With devices, processors and tools in it.
            add("--dev-bind", root, "/")
        } else {
            for (name, target) in OverlayLayers.systemLinks { add("--symlink", target, "/" + name) }
            for directory in store.directories { add("--bind", store.merged(directory), "/" + directory) }
            for directory in OverlayLayers.ownDirectories {
                add("--bind", store.own(directory), "/" + directory)
            }
        }
        // An overlay shows one file system only. What is mounted below comes along read-only.
        for directory in store.directories where directory != "var" {
            for place in store.mountPoints.below("/" + directory) where FileKind(of: place) == .directory {
                add("--ro-bind-try", place, place)
            }
        }
        if FileKind(of: "/nix/store") == .directory { add("--ro-bind", "/nix/store", "/nix/store") }
        addProcesses()
        for directory in ["/run", "/run/lock"] { add("--dir", directory) }
        if store.root == nil {
            add("--dev", "/dev")
            addProcessors()
        }
    }

    /// What programs ask about the processors.
    private mutating func addProcessors() {
        for directory in ["/sys", "/sys/devices", "/sys/devices/system"] { add("--dir", directory) }
        add("--ro-bind-try", "/sys/devices/system/cpu", "/sys/devices/system/cpu")
    }

    /// The build's own processes, without the switches of the kernel.
    ///
    /// Files of `/proc/sys` that are root's let root's user id write whatever capabilities it has, in any namespace:
    /// where the runner is root, `kernel/core_pattern` alone would hand over the host.
    private mutating func addProcesses() {
        add("--proc", "/proc", "--ro-bind", "/proc/sys", "/proc/sys")
        for file in Self.kernelFiles where FileKind(of: file) != .none {
            add("--ro-bind", "/dev/null", file)
        }
    }

    /// `/etc/resolv.conf` is often a link into `/run`, which is hidden.
    private mutating func addNameResolution(_ network: SandboxConfiguration.Network) {
        guard network == .host, case .link = FileKind(of: "/etc/resolv.conf"),
            let resolved = realpath("/etc/resolv.conf", nil)
        else { return }
        defer { free(resolved) }
        let path = String(cString: resolved)
        if path.hasPrefix("/run/") || path.hasPrefix("/var/") { add("--ro-bind-try", path, path) }
    }

    /// The directories of a ``BuildRoot`` that the build sees as its own.
    static let buildDirectories = ["codebuild", "root", "tmp", "var/tmp"]

    private mutating func addBuildDirectories(_ configuration: SandboxConfiguration, _ store: OverlayStore?) {
        if store?.root == nil {
            for directory in Self.buildDirectories {
                add("--bind", configuration.root.host(FilePath(directory)).string, "/" + directory)
            }
        }
        // A machine that is itself one of CodeBuild's images keeps its runtimes.
        add("--ro-bind-try", configuration.imageFiles?.string ?? "/codebuild/image", "/codebuild/image")
        guard store?.root == nil else { return }
        for (name, executable) in configuration.tools.sorted(by: { $0.key < $1.key }) {
            add("--ro-bind", executable.string, "/codebuild/user/bin/\(name)")
        }
    }
}
