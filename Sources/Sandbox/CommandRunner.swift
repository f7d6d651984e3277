import SystemPackage

/// Runs buildspec commands in a sandbox with the state that they carry from one to the next.
package struct CommandRunner: Sendable {
    /// The sandbox.
    package let session: SandboxSession
    /// Where the state is.
    package let state: StateFiles
    /// `sh`, `bash` or a path.
    package let shell: String
    /// Whether state carries over.
    package let keeping: CommandScript.StateKeeping
    /// Where everything that commands and their background processes write goes.
    package let output: SandboxSession.Output

    /// Prepares to run commands.
    package init(
        session: SandboxSession, state: StateFiles, shell: String, keeping: CommandScript.StateKeeping,
        output: @escaping SandboxSession.Output
    ) {
        self.session = session
        self.state = state
        self.shell = shell
        self.keeping = keeping
        self.output = output
    }

    /// Writes the environment and the directory that the first command starts with.
    /// - Throws: ``SandboxError`` when they cannot be written.
    package func start(environment: [(name: String, value: String)]) throws(SandboxError) {
        try session.files.replace(
            StateFiles.environment, with: Self.exports(environment), permissions: .worldReadable)
        let directory = Array((state.sourceDirectory.string + "\n").utf8)
        try session.files.replace(StateFiles.directory, with: directory, permissions: .worldReadable)
    }

    /// Sets variables for the commands to come.
    /// - Throws: ``SandboxError`` when they cannot be written.
    package func export(_ variables: [(name: String, value: String)]) throws(SandboxError) {
        try session.files.append(Self.exports(variables), to: StateFiles.environment)
    }

    /// Runs one command.
    /// - Returns: How it ended; failing is not an error.
    /// - Throws: ``SandboxError`` when the sandbox is gone, or the script cannot be written.
    package func run(_ command: String) async throws(SandboxError) -> ExitStatus {
        try await run(CommandScript(command: command, state: state, keeping: keeping))
    }

    /// The variables that the next command would find, by name.
    /// - Throws: ``SandboxError`` when the sandbox is gone, or there are more than 4 MiB.
    package func environment() async throws(SandboxError) -> [String: String] {
        let dump = try await capture(limit: 4 << 20) { "command -p cat /proc/self/environ >\($0)" }
        var variables: [String: String] = [:]
        for entry in dump.content.split(separator: 0) {
            guard let equals = entry.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = String(decoding: entry[..<equals], as: UTF8.self)
            variables[name] = String(decoding: entry[(equals + 1)...], as: UTF8.self)
        }
        return variables
    }

    /// What the shell makes of a text with `$NAME`, `${...}` and `$(...)` in it, in the state that commands left.
    /// - Returns: The text without line breaks at its end, or nil when the shell failed.
    /// - Throws: ``SandboxError`` when the sandbox is gone, or the result is larger than 64 KiB.
    package func expand(_ text: String) async throws(SandboxError) -> String? {
        let mark = "BUILDSPEC_\(SandboxDriver.makeNonce())"
        let result = try await capture(limit: 64 << 10) {
            "command -p cat >\($0) <<\(mark)\n\(text)\n\(mark)"
        }
        guard result.status.isSuccess else { return nil }
        var output = result.content[...]
        while output.last == UInt8(ascii: "\n") { output.removeLast() }
        return String(decoding: output, as: UTF8.self)
    }

    /// Runs an internal command that writes to the file it is given: the log stream may carry the words of background
    /// processes at any time.
    private func capture(
        limit: Int, _ command: (_ file: String) -> String
    ) async throws(SandboxError) -> (status: ExitStatus, content: [UInt8]) {
        let file = StateFiles.script.removingLastComponent().appending("capture-\(SandboxDriver.makeNonce())")
        defer { session.files.remove(file) }
        let text = command(ShellQuoting.quote(state.inside(file).string))
        let status = try await run(
            CommandScript(command: text, state: state, keeping: .fresh(in: state.sourceDirectory)))
        guard status.isSuccess else { return (status, []) }
        return (status, try session.files.read(file, limit: limit))
    }

    private func run(_ script: CommandScript) async throws(SandboxError) -> ExitStatus {
        try session.files.replace(
            StateFiles.script, with: Array(script.text.utf8), permissions: .worldExecutable)
        return try await session.run(shell: shell, output: output)
    }

    private static func exports(_ variables: [(name: String, value: String)]) -> [UInt8] {
        Array(variables.map { "export \($0.name)=\(ShellQuoting.quote($0.value))\n" }.joined().utf8)
    }
}

extension FilePermissions {
    /// 0644.
    fileprivate static let worldReadable: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]
    /// 0755.
    fileprivate static let worldExecutable: FilePermissions = [
        .ownerReadWriteExecute, .groupReadExecute, .otherReadExecute,
    ]
}
