import Glibc
import Subprocess
import SystemPackage

/// The process that makes a sandbox: its executable, arguments and environment.
struct SandboxLaunch: Sendable {
    var executable: FilePath
    var arguments: [String]
    var environment: [Environment.Key: String]
    /// What marks the processes of this sandbox (see ``Descendants``).
    var mark: String
    var kind: SandboxConfiguration.Kind

    /// Works out how to start the configured sandbox.
    /// - Throws: ``SandboxError`` with code `toolMissing` when its tool is not installed.
    init(_ configuration: SandboxConfiguration) throws(SandboxError) {
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
            executable = bubblewrap
            arguments =
                BubblewrapArguments(configuration).arguments + [
                    "/bin/sh", "-c", SandboxDriver.program, "sh", script,
                ]
            environment = [:]
        case .host:
            executable = "/bin/sh"
            arguments = [
                "-c", SandboxDriver.watchdog + SandboxDriver.program, "sh", script, String(getpid()), mark,
            ]
            environment = [.init(stringLiteral: Descendants.marker): mark]
        }
    }

    /// A session of its own keeps the terminal's Ctrl-C away from the build: the runner decides how a build ends.
    var platformOptions: PlatformOptions {
        var options = PlatformOptions()
        options.createSession = true
        return options
    }

    /// Ends every process of the sandbox that was started as `pid`.
    ///
    /// - bubblewrap: its child is the first process of the PID namespace; when that dies the kernel kills all others,
    ///   and `bwrap` ends by itself after they are gone.
    /// - host: see ``Descendants``.
    func killEverything(startedAs pid: pid_t) {
        switch kind {
        case .bubblewrap:
            let children = ProcessTable().children(of: pid)
            for child in children { kill(child, SIGKILL) }
            if children.isEmpty { kill(pid, SIGKILL) }
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
