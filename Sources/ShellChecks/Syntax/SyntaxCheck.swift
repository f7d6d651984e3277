package import ShellScript
package import SystemPackage

/// A command that a shell refuses to read.
package struct SyntaxError: Sendable, Equatable {
    /// The command's place among those that were asked about.
    package var commandIndex: Int
    /// 1-based line within the command.
    package var line: Int
    /// The shell's own words, without file names and numbers.
    package var message: String
}

/// What a shell says about commands.
package struct SyntaxReport: Sendable, Equatable {
    /// The commands it refuses, in the order of the commands.
    package var errors: [SyntaxError] = []
    /// Whether all commands were checked; not so for opaque ones, or when limit or time was reached.
    package var isComplete = true
}

/// Asks a shell which commands it cannot read, without executing anything.
///
/// A command is reported only when the shell refuses it alone. The number of processes depends on the
/// number of refused and of unclosed commands, not on the number of commands.
///
/// - Parameters:
///   - commands: the texts, each a script of its own.
///   - shell: which shell is asked.
///   - limit: how many errors are looked for.
///   - executable: the shell's program; looked for when nil.
///   - duration: when to stop asking.
/// - Returns: the errors, and whether that is all.
/// - Throws: `noProgram`, `system`, and `unexpected` when the program does not behave as a shell.
package func syntaxErrors(
    in commands: [String], shell: Shell, limit: Int = 20, executable: FilePath? = nil,
    duration: Duration = .seconds(5)
) throws(ShellCheckError) -> SyntaxReport {
    try syntaxErrors(
        in: commands, shapes: commands.map { CommandShape(ShellScan(of: $0)) }, shell: shell, limit: limit,
        executable: executable, duration: duration)
}

/// Asks a shell which commands it cannot read, when their shapes are known already.
///
/// - Parameters:
///   - commands: the texts, each a script of its own.
///   - shapes: the shape of each command, in the same order.
///   - shell: which shell is asked.
///   - limit: how many errors are looked for.
///   - executable: the shell's program; looked for when nil.
///   - duration: when to stop asking.
/// - Returns: the errors, and whether that is all.
/// - Throws: `noProgram`, `system`, and `unexpected` when the program does not behave as a shell.
package func syntaxErrors(
    in commands: [String], shapes: [CommandShape], shell: Shell, limit: Int = 20, executable: FilePath? = nil,
    duration: Duration = .seconds(5)
) throws(ShellCheckError) -> SyntaxReport {
    guard let program = executable ?? shell.executable() else {
        throw ShellCheckError(.noProgram, shell.rawValue)
    }
    var check = SyntaxCheck(
        commands: commands, shell: shell, executable: program, limit: limit, deadline: .now + duration)
    let known = zip(commands.indices, shapes)
    if shapes.contains(.opaque) { check.report.isComplete = false }
    // Unclosed commands first: nearly each of them is an error.
    for (index, shape) in known where shape == .odd || shape == .extendedPatterns {
        try check.checkAlone(index, hasExtendedPatterns: shape == .extendedPatterns)
    }
    try check.checkTogether(known.filter { $0.1 == .simple }.map(\.0))
    try check.checkTogether(
        known.filter { $0.1 == .heredoc || ($0.1 == .aliases && shell == .bash) }.map(\.0))
    check.report.errors.sort { $0.commandIndex < $1.commandIndex }
    return check.report
}

/// One conversation with a shell about commands.
private struct SyntaxCheck {
    let commands: [String]
    let shell: Shell
    let executable: FilePath
    let limit: Int
    let deadline: ContinuousClock.Instant
    var report = SyntaxReport()

    private static let outputLimit = 1 << 16

    private var isOver: Bool {
        report.errors.count >= limit || ContinuousClock.now >= deadline
    }

    /// Checks one command and reports it when the shell refuses it; returns whether it did.
    @discardableResult
    mutating func checkAlone(
        _ index: Int, hasExtendedPatterns: Bool = false
    ) throws(ShellCheckError) -> Bool {
        guard !isOver else {
            report.isComplete = false
            return false
        }
        var script = Array(commands[index].utf8)
        let lineCount = script.reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
        script.append(0x0A)
        guard let complaint = try complaint(about: script, hasExtendedPatterns) else { return false }
        let line = min(max(complaint.line ?? 1, 1), lineCount)
        report.errors.append(SyntaxError(commandIndex: index, line: line, message: complaint.message))
        return true
    }

    /// Checks commands in one script, and goes on behind each that is refused.
    mutating func checkTogether(_ indices: [Int]) throws(ShellCheckError) {
        guard !indices.isEmpty else { return }
        let bundle = CommandBundle(commands, indices[...])
        let file: MemoryFile
        do throws(Errno) {
            file = try MemoryFile(bundle.script)
        } catch {
            throw ShellCheckError(.system(error), executable.string)
        }
        var next = 0
        while next < indices.count {
            guard !isOver else {
                report.isComplete = false
                return
            }
            let firstLine = bundle.lines[next] - 1
            let answer = try ask(file, from: bundle.offsets[next])
            guard !answer.isTimedOut else { continue }
            let line = (answer.complaint?.line).map { $0 + firstLine - 1 }
            if line == bundle.sentinelLine { return }
            var culprit = bundle.place(ofLine: line ?? bundle.sentinelLine)
            let isConfirmed = line != nil && culprit >= next ? try checkAlone(indices[culprit]) : false
            if !isConfirmed {
                guard let found = try firstBad(in: indices[next...]) else { return }
                culprit = found
                try checkAlone(indices[culprit])
            }
            next = culprit + 1
        }
    }

    /// Finds the first command after which the script is no longer read as meant; nil when there is no time.
    private mutating func firstBad(in indices: ArraySlice<Int>) throws(ShellCheckError) -> Int? {
        var good = indices.startIndex
        var bad = indices.endIndex - 1
        while good < bad {
            guard !isOver else {
                report.isComplete = false
                return nil
            }
            let middle = (good + bad) / 2
            let bundle = CommandBundle(commands, indices[indices.startIndex...middle])
            let answer = try complaint(about: bundle.script, false)
            if answer?.line == bundle.sentinelLine { good = middle + 1 } else { bad = middle }
        }
        return good
    }

    /// What the shell says about a script; nil when it takes it, or when the time is over.
    private mutating func complaint(
        about script: [UInt8], _ hasExtendedPatterns: Bool
    ) throws(ShellCheckError) -> ShellComplaint? {
        let file: MemoryFile
        do throws(Errno) {
            file = try MemoryFile(script)
        } catch {
            throw ShellCheckError(.system(error), executable.string)
        }
        let answer = try ask(file, from: 0, hasExtendedPatterns)
        return answer.complaint
    }

    /// Has the shell read a file from an offset on.
    private mutating func ask(
        _ file: borrowing MemoryFile, from offset: Int, _ hasExtendedPatterns: Bool = false
    ) throws(ShellCheckError) -> (complaint: ShellComplaint?, isTimedOut: Bool) {
        let options = hasExtendedPatterns && shell == .bash ? ["-O", "extglob", "-n"] : ["-n"]
        let tool = ToolRun(
            executable: executable, arguments: options, keeps: .standardError, outputLimit: Self.outputLimit)
        let outcome: ToolRun.Outcome
        do throws(Errno) {
            try file.rewind(to: offset)
            outcome = try tool.run(input: file, until: deadline)
        } catch {
            throw ShellCheckError(.system(error), executable.string)
        }
        if outcome.isTimedOut {
            report.isComplete = false
            return (nil, true)
        }
        guard outcome.status != 0 else { return (nil, false) }
        guard let complaint = ShellComplaint(outcome.output) else {
            throw ShellCheckError(.unexpected, executable.string)
        }
        return (complaint, false)
    }
}
