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
    /// Who runs the commands; nil for the sandbox's own user.
    package var user: CommandUser?
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
        let script = CommandScript(command: command, state: state, keeping: keeping)
        guard case .carried = keeping else { return try await run(script, as: user, output: output) }
        // Made here, so that whoever runs the command may write them, and nobody else has to write beside them.
        for file in [StateFiles.nextEnvironment, StateFiles.nextDirectory] {
            try session.files.replace(
                file, with: StateFiles.untouched, permissions: user == nil ? .worldReadable : .worldWritable)
        }
        let status = try await run(script, as: user, output: output)
        switch session.files.end(of: StateFiles.nextDirectory) {
        case .byte(UInt8(ascii: "\n")):
            try session.files.rename(StateFiles.nextEnvironment, to: StateFiles.environment)
            try session.files.rename(StateFiles.nextDirectory, to: StateFiles.directory)
        // What the command has changed is lost, which must not look like a success.
        case .empty: throw .stateLost(session.files.isFull ? .noSpace : nil, root: state.root)
        case .byte, .missing: break
        }
        return status
    }

    /// Finds out whether commands can run as a user of this name, and who that is.
    /// - Parameter name: A name that the sandbox's own `/etc/passwd` knows, or a number.
    /// - Returns: The user; nil in it when it is the sandbox's own.
    /// - Throws: ``SandboxError`` when the sandbox is gone.
    package func user(named name: String) async throws(SandboxError) -> UserSearch {
        guard CommandUser.isName(name) else { return .unknown }
        let found = try await capture(limit: 1 << 10) {
            "{ command -p id -u; command -p id -u \(name); command -p id -g \(name); } >\($0) 2>/dev/null"
        }
        let numbers = String(decoding: found.content, as: UTF8.self).split(separator: "\n")
        guard found.status.isSuccess, numbers.count == 3 else { return .unknown }
        if numbers[0] == numbers[1] { return .found(nil) }
        // The largest number stands for nobody: who asks to become it stays who it was.
        guard let number = UInt32(numbers[1]), number < .max, UInt32(numbers[2]).map({ $0 < .max }) == true
        else {
            return .unusable("\(numbers[1]):\(numbers[2]) is no user")
        }
        let user = CommandUser(name: name, group: String(numbers[2]))
        let source = ShellQuoting.quote(state.sourceDirectory.string)
        // Where `find` knows no such tests it says nothing, and the directory alone counts.
        let unreadable =
            "command -p find . \\( ! -readable -o -type d ! -executable \\) -print -quit 2>/dev/null"
        let first = try await attempt("cd \(source) && [ -z \"$(\(unreadable))\" ] && exit 77", as: user)
        if first.status.code == 77 { return .found(user) }
        // The user gets read and run permission on the source, as in the cloud, but none to write.
        _ = try await runInternally("command -p chmod -R a+rX . ..")
        let second = try await attempt("cd \(source) && exit 77", as: user)
        return second.status.code == 77 ? .found(user) : .unusable(second.words ?? "\(second.status)")
    }

    private func attempt(
        _ command: String, as user: CommandUser
    ) async throws(SandboxError) -> (status: ExitStatus, words: String?) {
        let words = CollectedOutput()
        let script = CommandScript(command: command, state: state, keeping: .fresh(in: "/"))
        return (try await run(script, as: user) { words.append($0) }, words.lastLine)
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

    /// Whether the next command may find a variable: whether its name occurs in what commands left for it.
    ///
    /// Takes no process, as ``environment()`` does.
    package func mayKnow(_ variable: String) -> Bool {
        guard let saved = try? session.files.read(StateFiles.environment, limit: 4 << 20) else { return true }
        return saved.firstRange(of: Array(variable.utf8)) != nil
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

    /// Runs a command of the runner's own, in the source directory; it leaves no state, and what it says is in the log.
    /// - Returns: How it ended.
    /// - Throws: ``SandboxError`` when the sandbox is gone.
    package func runInternally(_ command: String) async throws(SandboxError) -> ExitStatus {
        let script = CommandScript(command: command, state: state, keeping: .fresh(in: state.sourceDirectory))
        return try await run(script, as: nil, output: output)
    }

    /// The content of a file as the build sees it, links followed.
    /// - Returns: Nil when there is no such file, or it cannot be read.
    /// - Throws: ``SandboxError`` when the sandbox is gone, or there are more than `limit` bytes.
    package func contents(ofFile path: String, limit: Int) async throws(SandboxError) -> [UInt8]? {
        let result = try await capture(limit: limit) {
            "command -p cat \(ShellQuoting.quote(path)) >\($0) 2>/dev/null"
        }
        return result.status.isSuccess ? result.content : nil
    }

    /// The same runner, whose commands leave their state to the next ones.
    package var carryingState: CommandRunner {
        CommandRunner(session: session, state: state, shell: shell, keeping: .carried, output: output)
    }

    /// Runs an internal command that writes to the file it is given: the log stream may carry the words of background
    /// processes at any time.
    private func capture(
        limit: Int, _ command: (_ file: String) -> String
    ) async throws(SandboxError) -> (status: ExitStatus, content: [UInt8]) {
        let file = StateFiles.script.removingLastComponent().appending("capture-\(SandboxDriver.makeNonce())")
        defer { session.files.remove(file) }
        let text = command(ShellQuoting.quote(state.inside(file).string))
        let script = CommandScript(command: text, state: state, keeping: .fresh(in: state.sourceDirectory))
        let status = try await run(script, as: nil, output: output)
        guard status.isSuccess else { return (status, []) }
        return (status, try session.files.read(file, limit: limit))
    }

    private func run(
        _ script: CommandScript, as user: CommandUser?, output: @escaping SandboxSession.Output
    ) async throws(SandboxError) -> ExitStatus {
        try session.files.replace(
            StateFiles.script, with: Array(script.text.utf8), permissions: .worldExecutable)
        return try await session.run(shell: shell, user: user, output: output)
    }

    private static func exports(_ variables: [(name: String, value: String)]) -> [UInt8] {
        Array(variables.map { "export \($0.name)=\(ShellQuoting.quote($0.value))\n" }.joined().utf8)
    }
}

extension FilePermissions {
    /// 0644.
    fileprivate static let worldReadable: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]
    /// 0666.
    fileprivate static let worldWritable = FilePermissions(rawValue: 0o666)
    /// 0755.
    fileprivate static let worldExecutable: FilePermissions = [
        .ownerReadWriteExecute, .groupReadExecute, .otherReadExecute,
    ]
}
