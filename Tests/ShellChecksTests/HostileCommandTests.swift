import Glibc
import ShellChecks
import ShellScript
import SystemPackage
import Testing

/// That `-n` executes nothing, whatever it reads.
@Suite(RealShell.areInstalled) struct HostileCommandTests {
    /// A directory that must stay empty, and commands that would leave something in it.
    private func withTrap(_ body: (_ mark: String) throws -> Void) throws {
        var template = Array("/tmp/shell-checks-XXXXXX".utf8CString)
        let created = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { mkdtemp($0) != nil } ?? false
        }
        try #require(created)
        let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        try body(directory + "/mark")
        let isUntouched = rmdir(directory) == 0
        #expect(isUntouched, "a command was executed: \(directory) is not empty")
        if !isUntouched {
            unlink(directory + "/mark")
            rmdir(directory)
        }
    }

    @Test(arguments: RealShell.allCases)
    func `nothing is executed`(shell: RealShell) throws {
        try withTrap { mark in
            let touch = "touch \(mark)"
            let commands = [
                touch, "}; \(touch); {", "}\n\(touch)\n{", "$(\(touch))", "`\(touch)`",
                "echo \"$(\(touch))\"",
                "cat <<E\n$(\(touch))\nE", "cat <<E\n}\n\(touch)\n", "E\n\(touch)", "'\n}\n\(touch)\n'",
                "set +n; \(touch)", "set +n\n\(touch)", "trap '\(touch)' EXIT", "trap '\(touch)' DEBUG; a",
                "alias a='\(touch)'\na", "exec \(touch)", "eval '\(touch)'", ": ${X:=$(\(touch))}",
                "x[$(\(touch))]=1", "echo $((x[$(\(touch))]))", "PS4='$(\(touch))'; set -x; a",
                "f() { \(touch); }; f", "\\\n\(touch)", "a \\", "{ :\n}\n\(touch)", "#\n\(touch)",
                "\(touch) &",
                "\0\n\(touch)", "if \(touch); then", "case $(\(touch)) in", "((x[$(\(touch))]))",
                "printf -v 'x[$(\(touch))]' a", "{fd}>\(mark) a", "a > \(mark)", "shopt -s extglob\n\(touch)",
                "BASH_ENV=\(mark) ENV=\(mark) bash -c '\(touch)'", "echo <(\(touch))", "coproc \(touch)",
            ]
            _ = try shell.errors(in: commands, limit: 100)
            for command in commands { _ = try shell.errors(in: [command]) }
            let shapes = Array(repeating: CommandShape.simple, count: commands.count)
            _ = try syntaxErrors(
                in: commands, shapes: shapes, shell: shell.shell, limit: 100, executable: shell.executable)
        }
    }

    @Test func `the shell does not see our environment`() throws {
        // It complains about the names of all it sees, in the form of a syntax error.
        let text = "#!/bin/sh\necho \"sh: 1: $(env | cut -d= -f1 | tr '\\n' ' ')\" >&2\nexit 2\n"
        let path = FilePath("/tmp/shell-checks-shell-\(getpid())")
        let file = try FileDescriptor.open(
            path, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
            permissions: .ownerReadWriteExecute)
        defer { path.withPlatformString { _ = unlink($0) } }
        try file.closeAfter { _ = try file.writeAll(text.utf8) }
        let error = try #require(try syntaxErrors(in: ["fi"], shell: .sh, executable: path).errors.first)
        let names = Set(error.message.split(separator: " ").map(String.init))
        #expect(names.contains("PATH"))
        // The shell itself sets the last four.
        #expect(names.isSubset(of: ["PATH", "LC_ALL", "PWD", "OLDPWD", "SHLVL", "_"]))
    }
}
