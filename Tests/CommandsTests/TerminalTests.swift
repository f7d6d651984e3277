import Foundation
import SystemPackage
import TestSupport
import Testing

/// A build whose runner has a terminal, and what the build can do to it.
@Suite(.timeLimit(.minutes(5))) struct TerminalTests {
    /// Runs `buildspec` with a terminal of its own, answers where it is asked for a code, and says what the terminal showed.
    private static let harness = """
        import os, pty, signal, sys
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(sys.argv[1], sys.argv[1:])
        signal.alarm(120)
        said = b""
        while True:
            try:
                data = os.read(terminal, 65536)
            except OSError:
                break
            if not data:
                break
            if b"code?" in data:
                os.write(terminal, b"123\\n")
            said += data
        _, status = os.waitpid(pid, 0)
        sys.stdout.buffer.write(said)
        sys.exit(os.waitstatus_to_exitcode(status))
        """

    /// Pushes a line into every terminal that can be opened, by the ioctl that simulates input (TIOCSTI).
    private static let push = """
        import fcntl, glob, os, termios
        files = list(range(10))
        for name in ["/dev/tty", "/dev/console", "/proc/1/fd/0", "/proc/1/fd/1", "/proc/1/fd/2"] + glob.glob("/dev/pts/*"):
            try:
                files.append(os.open(name, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK))
            except OSError:
                pass
        done = 0
        for file in files:
            try:
                if os.isatty(file):
                    for byte in b"# typed by the build\\n":
                        fcntl.ioctl(file, termios.TIOCSTI, bytes([byte]))
                    done += 1
            except OSError:
                pass
        print("terminals:", done)
        """

    @Test(arguments: [["--root", "read-only"], []])
    func `a build cannot type into its runner's terminal`(options: [String]) async throws {
        try await withProject(commands("python3 push.py")) { project in
            try project.scratch.write(Self.push, to: "app/push.py")
            let harness = try project.scratch.write(Self.harness, to: "harness.py")
            let outcome = try await project.tool(
                "/usr/bin/env",
                arguments: ["python3", harness.string, project.binary.executable.string, "run"] + options)
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.standardOutput.contains("\r\nterminals: 0\r\n"), "\(outcome.standardOutput)")
            #expect(!outcome.standardOutput.contains("typed by the build"))
        }
    }

    @Test func `a credential_process may ask the person at the terminal`() async throws {
        try await withProject("env: {parameter-store: {P: p}}\n" + commands("true")) {
            project in
            try project.scratch.write(
                "#!/bin/sh\nprintf 'code? ' > /dev/tty\nread -r code < /dev/tty\necho \"$code\" > \(project.scratch.path)/code\n",
                to: "ask")
            try project.scratch.write(
                "[default]\nregion = eu-central-1\ncredential_process = sh \(project.scratch.path)/ask\n",
                to: ".aws/config")
            let harness = try project.scratch.write(Self.harness, to: "harness.py")
            let outcome = try await project.tool(
                "/usr/bin/env",
                arguments: ["python3", harness.string, project.binary.executable.string, "run"])
            #expect(try project.scratch.read("code") == Array("123\n".utf8), "\(outcome)")
            #expect(outcome.standardOutput.contains("the answer is not a JSON document"), "\(outcome)")
        }
    }
}
