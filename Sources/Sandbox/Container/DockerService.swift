import Glibc
import Subprocess
package import SystemPackage

/// A container engine of one build's own, for `docker` inside the build: `podman system service` with a private
/// store, which understands Docker's protocol.
///
/// It lives in namespaces of its own, where `/codebuild` is the build's, so that `docker run -v` finds the
/// workspace; all its containers end with it.
package struct DockerService: Sendable {
    private let engine: ContainerEngine
    private let options: EngineOptions
    /// Where its store, its socket and its settings are.
    private let directory: FilePath
    /// The host's directory that builds see as `/codebuild`.
    private let codebuild: FilePath

    /// Describes the service of a build.
    /// - Parameters:
    ///   - container: The build's container, which must be podman's.
    ///   - directory: A directory to be made and left to the caller; its parent exists.
    ///   - root: The build's directories.
    package init(_ container: PreparedContainer, directory: FilePath, root: BuildRoot) {
        engine = container.engine
        options = container.engineOptions
        self.directory = directory
        codebuild = root.host("codebuild")
    }

    /// The socket, as the host sees it.
    private var socket: FilePath { directory.appending("docker.sock") }

    /// Runs `body` beside the service, and ends the service with all its containers afterwards.
    /// - Parameter body: Given the socket.
    /// - Returns: What `body` returned.
    /// - Throws: ``SandboxError`` when the service does not come up.
    package func run<Result: Sendable>(
        _ body: @escaping @Sendable (FilePath) async -> Result
    ) async throws(SandboxError) -> Result {
        try makePrivateDirectory(directory, mode: 0o700)
        for name in ["store", "state", "tmp", "root"] {
            try makePrivateDirectory(directory.appending(name), mode: 0o700)
        }
        try writeSettings()
        do {
            var platform = PlatformOptions()
            platform.createSession = true
            let outcome = try await Subprocess.run(
                .path("/bin/sh"), arguments: Arguments(arguments), environment: .custom(Self.environment),
                workingDirectory: "/",
                platformOptions: platform, input: .inputWriter, output: .discarded, error: .sequence
            ) { execution in
                await serve(execution, body)
            }
            return try outcome.closureResult.get()
        } catch let error as SandboxError {
            throw error
        } catch {
            throw Self.failure("\(error)")
        }
    }

    private func serve<Result: Sendable>(
        _ execution: Execution<CustomWriteInput, DiscardedOutput, SequenceOutput>,
        _ body: @escaping @Sendable (FilePath) async -> Result
    ) async -> Swift.Result<Result, SandboxError> {
        let pid = execution.processIdentifier.value
        let errors = execution.standardError
        let words = Task { await Self.lastWords(of: errors) }
        let isUp = await waitForSocket(pid)
        let result: Result? = isUp ? await body(socket) : nil
        // End of file on its standard input ends it in good order.
        try? await execution.standardInputWriter.finish()
        await Task {
            for _ in 0..<500 where ProcessTable.isRunning(pid) {
                try? await Task.sleep(for: .milliseconds(20))
            }
        }.value
        kill(-pid, SIGKILL)
        let said = await words.value
        guard let result else { return .failure(Self.failure(said.isEmpty ? "it was stopped" : said)) }
        return .success(result)
    }

    private func waitForSocket(_ pid: pid_t) async -> Bool {
        for _ in 0..<1000 {
            if access(socket.string, F_OK) == 0 { return true }
            guard !Task.isCancelled, ProcessTable.isRunning(pid) else { return false }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return false
    }

    private static func lastWords(of stream: SubprocessOutputSequence) async -> String {
        var bytes: [UInt8] = []
        do {
            for try await buffer in stream {
                bytes = (bytes + buffer.withUnsafeBytes { Array($0) }).suffix(1024)
            }
        } catch {
            // What could not be read is not told.
        }
        return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).last.map(String.init)
            ?? ""
    }

    /// The options that work on this machine, for the containers of the build's own engine as well.
    private func writeSettings() throws(SandboxError) {
        let limits = options.limits.map { "\"\($0)\"" }.joined(separator: ",")
        var text = "[containers]\ndefault_ulimits=[\(limits)]\nlog_driver=\"k8s-file\"\n"
        if options.isWithoutCgroups { text += "cgroups=\"disabled\"\n" }
        text += "[engine]\nevents_logger=\"file\"\n"
        if let runtime = options.runtime { text += "runtime=\"\(runtime)\"\n" }
        if let manager = options.cgroupManager { text += "cgroup_manager=\"\(manager)\"\n" }
        let files = try AnchoredDirectory(directory)
        defer { files.close() }
        try files.replace("containers.conf", with: Array(text.utf8), permissions: [.ownerReadWrite])
    }

    /// What podman needs of the runner's variables: privileged builds can read the environment of their own engine.
    private static var environment: [Environment.Key: String] {
        let names = ["PATH", "HOME", "XDG_RUNTIME_DIR"]
        return names.reduce(into: [:]) { kept, name in
            if let value = getenv(name) { kept[.init(stringLiteral: name)] = String(cString: value) }
        }
    }

    private var arguments: [String] {
        let directories = [directory.string, codebuild.string]
        let words = directories + [engine.executable.string, Self.service, Self.privateProgram]
        return ["-c", getuid() == 0 ? Self.privateProgram : Self.userProgram, "sh"] + words
    }

    private static func failure(_ reason: String) -> SandboxError {
        SandboxError(
            code: .startFailed, detail: "the engine for Docker in the build: \(reason)", path: nil,
            hint: "leave --privileged out, or give the host's engine with --docker-socket")
    }

    /// Runs the service (`$4`) of the engine `$3` in the directory `$1`; `$2` is what builds see as `/codebuild`,
    /// `$5` this program.
    ///
    /// Everything is in a process namespace that ends with its first process, and below a root of its own, whose
    /// mounts nobody else sees.
    private static let privateProgram = """
        exec unshare --mount --propagation slave --pid --fork --kill-child=KILL sh -c '
          new=$1/root
          mount -t tmpfs -o mode=755 none "$new" || exit
          for place in /*; do
            case $place in /codebuild | /proc) continue ;; esac
            if [ -L "$place" ]; then cp -P "$place" "$new$place"
            elif [ -d "$place" ]; then mkdir -p "$new$place" && mount --rbind "$place" "$new$place"
            fi
          done
          mkdir -p "$new/codebuild" "$new/proc" "$new/.engine"
          mount --bind "$2" "$new/codebuild" || exit
          mount --bind "$1" "$new/.engine" || exit
          mount -t proc proc "$new/proc" || exit
          exec chroot "$new" /bin/sh -c "$4" sh /.engine "$3"
        ' sh "$@"
        """

    /// The same for an ordinary user, who is root in the user namespace that podman makes.
    ///
    /// The store has files of other users, whom only podman can act for.
    private static let userProgram = """
        "$3" unshare /bin/sh -c "$5" sh "$@"
        "$3" unshare rm -rf "$1/store" </dev/null
        """

    /// Serves in the directory `$1` with the engine `$2` until standard input ends, which it does with the runner.
    private static let service = """
        directory=$1 engine=$2
        export CONTAINERS_CONF="$directory/containers.conf"
        engine() {
          "$engine" --root "$directory/store" --runroot "$directory/state" --tmpdir "$directory/tmp" "$@" </dev/null
        }
        engine system service --time 0 "unix://$directory/docker.sock" &
        cat >/dev/null
        engine rm --all --force --time 0 >/dev/null 2>&1
        kill $! 2>/dev/null
        wait $!
        """
}
