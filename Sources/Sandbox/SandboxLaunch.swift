import Glibc
import SystemPackage

/// The process that makes a sandbox: its executable, arguments and environment.
struct SandboxLaunch: Sendable {
    var executable: FilePath
    var arguments: [String]
    /// The environment; means nothing for kind `container`.
    ///
    /// An engine's client has the runner's, which holds the engine's own settings; builds get nothing of it.
    var environment: [String: String]
    /// What it mounts before it becomes the executable.
    var overlays: OverlayMounts?
    /// What marks the processes of this sandbox (see ``Descendants``).
    var mark: String
    var kind: SandboxConfiguration.Kind
    /// Whether user ids must be mapped from outside before it goes on (see ``OverlayStage``).
    var wantsUsers: Bool { way != nil }
    /// How its system is made writable, if it is.
    var way: OverlayWay?
    /// How its container is ended; only for kind `container`.
    var container: ContainerEnding?

    /// Works out how to start the configured sandbox.
    ///
    /// - Parameters:
    ///   - configuration: What is wanted.
    ///   - store: Where a writable system is kept; nil for a read-only one.
    /// - Throws: ``SandboxError`` with code `toolMissing` when its tool is not installed, or `overlayRefused`.
    init(_ configuration: SandboxConfiguration, store: OverlayStore? = nil) throws(SandboxError) {
        kind = configuration.kind
        mark = SandboxDriver.makeNonce()
        let script = configuration.root.inside(StateFiles.script).string
        switch configuration.kind {
        case .bubblewrap:
            guard let bubblewrap = configuration.bubblewrap ?? Self.find("bwrap") else {
                throw SandboxError(
                    code: .toolMissing, detail: "bwrap is not on the PATH", path: nil,
                    hint: "install the package `bubblewrap`, or use --sandbox host to run without isolation")
            }
            if store == nil { try SudoStandIn.write(in: configuration.root) }
            let driver = ["/bin/sh", "-c", SandboxDriver.program, "sh", script]
            let words = BubblewrapArguments(configuration, store: store).arguments + driver
            executable = bubblewrap
            arguments = words
            environment = [:]
            if let store {
                try stage(store, configuration)
            } else if UserNamespaceMap.isPermitted {
                let pipes = try UserNamespaceMap.makePipes(in: configuration.root.hostPath)
                executable = "/bin/sh"
                arguments =
                    [
                        "-c", UserNamespaceMap.program, "sh", pipes.info.string, pipes.go.string,
                        bubblewrap.string,
                    ]
                    + UserNamespaceMap.arguments + words
            }
        case .container:
            guard let prepared = configuration.container else {
                throw SandboxError(
                    code: .startFailed, detail: "no image is named", path: nil, hint: "give --image")
            }
            let name = "buildspec-\(mark)"
            container = ContainerEnding(engine: prepared.engine, name: name)
            executable = "/bin/sh"
            arguments =
                [
                    "-c", ContainerEnding.program, "sh", name, String(getpid()),
                    prepared.engine.executable.string,
                ]
                + ContainerArguments.run(prepared, configuration, name: name, script: script)
            environment = [:]
        case .host:
            executable = "/bin/sh"
            arguments = [
                "-c",
                SandboxDriver.watchdog + SandboxDriver.program,
                "sh", script, String(getpid()), mark,
            ]
            environment = [Descendants.marker: mark]
        }
    }

    /// Has the overlays mounted before it becomes `bwrap`.
    private mutating func stage(
        _ store: OverlayStore, _ configuration: SandboxConfiguration
    ) throws(SandboxError) {
        way = store.way
        guard store.way == .fuse else {
            overlays = OverlayMounts(store, configuration)
            return
        }
        let command: [String]
        do throws(OverlayRefusal) {
            command = try OverlayStage.command(store, [executable.string] + arguments)
        } catch {
            throw SandboxError(code: .overlayRefused, detail: error.reason, path: nil, hint: error.mend)
        }
        executable = FilePath(command[0])
        arguments = Array(command.dropFirst())
        environment = ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
    }

    /// Begins to end every process of the sandbox, for callers that cannot wait.
    func beginToKillEverything(startedAs pid: pid_t) {
        guard let container else { return killProcesses(startedAs: pid) }
        Task { await container.end(client: pid) }
    }

    /// Ends every process of the sandbox that was started as `pid`.
    func killEverything(startedAs pid: pid_t) async {
        guard let container else { return killProcesses(startedAs: pid) }
        await container.end(client: pid)
    }

    /// Ends the processes that were started as `pid`, or by it.
    ///
    /// - bubblewrap: its child is the first process of the PID namespace; when that dies the kernel kills all others,
    ///   and `bwrap` ends by itself after they are gone.
    /// - host: see ``Descendants``.
    private func killProcesses(startedAs pid: pid_t) {
        switch kind {
        case .bubblewrap:
            let children = ProcessTable.children(of: pid)
            for child in children { kill(child, SIGKILL) }
            if children.isEmpty { kill(pid, SIGKILL) }
        case .container: break
        case .host:
            Descendants.killAll(leader: pid, mark: mark)
        }
    }

    /// The first executable of that name on the runner's `PATH`; without one, in the usual directories.
    static func find(_ name: String) -> FilePath? {
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
        return path.split(separator: ":")
            .map { FilePath(String($0)).appending(name) }
            .first { access($0.string, X_OK) == 0 }
    }
}
