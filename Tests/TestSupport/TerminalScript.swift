import FoundationEssentials
import Glibc
package import SystemPackage

/// A program on a real terminal (a pseudo-terminal that Python makes), and what somebody does at it.
package struct TerminalScript: Sendable {
    /// What is done, in this order.
    package enum Step: Sendable {
        /// Waits, as long as it takes, until this has been shown since the last step that waited.
        case see(String)
        /// Types; a line break is the return key.
        case type(String)
        /// Types this, and again every two seconds, until the other has been shown.
        case insist(String, until: String)
        /// Gives the terminal another size.
        case resize(rows: Int, columns: Int)
        /// Sends the program a signal.
        case signal(Int32)
    }

    /// What came of it.
    package struct Outcome: Sendable, Decodable {
        /// Everything that was shown.
        package let shown: String
        /// The exit status; a signal's number below zero when a signal ended it.
        package let status: Int32
        /// Whether the terminal treats keys at the end as it did at the beginning.
        package let isRestored: Bool
    }

    /// The program's invocation.
    package var executable: FilePath
    /// Its arguments, environment and directory.
    package var invocation: Program.Invocation
    /// What is done.
    package var steps: [Step]

    /// Prepares a script.
    package init(_ executable: FilePath, _ invocation: Program.Invocation, _ steps: [Step]) {
        self.executable = executable
        self.invocation = invocation
        self.steps = steps
    }

    /// Runs the program until it ends by itself after the last step.
    package func run() async throws -> Outcome {
        let steps = steps.map { step -> [String] in
            switch step {
            case .see(let text): ["see", text]
            case .type(let text): ["type", text]
            case .insist(let text, let wanted): ["insist", text, wanted]
            case .resize(let rows, let columns): ["resize", String(rows), String(columns)]
            case .signal(let number): ["signal", String(number)]
            }
        }
        let list = String(decoding: try JSONEncoder().encode(steps), as: UTF8.self)
        var driver = Program.Invocation(["-c", Self.program, list, executable.string] + invocation.arguments)
        driver.environment = invocation.environment
        driver.environment["TERM"] = driver.environment["TERM"] ?? "vt100"
        driver.directory = invocation.directory
        driver.limit = .seconds(180)
        let outcome = try await Program("/usr/bin/env").run(driver.with(first: "python3"))
        guard outcome.status == 0, let data = outcome.standardOutput.data(using: .utf8),
            let result = try? JSONDecoder().decode(Outcome.self, from: data)
        else { throw Program.Failure(description: "\(outcome)") }
        return result
    }

    private static let program = #"""
        import fcntl, json, os, pty, select, struct, sys, termios, time
        steps, command = json.loads(sys.argv[1]), sys.argv[2:]
        terminal, end = pty.openpty()
        child = os.fork()
        if child == 0:
            os.setsid()
            fcntl.ioctl(end, termios.TIOCSCTTY, 0)
            for number in range(3):
                os.dup2(end, number)
            os.closerange(3, 256)
            os.execv(command[0], command)
        def resize(rows, columns):
            fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        resize(30, 100)
        before = termios.tcgetattr(end)
        shown, start = b"", 0
        deadline = time.time() + 150
        def listen(seconds):
            global shown
            if not select.select([terminal], [], [], seconds)[0]:
                return False
            shown += os.read(terminal, 65536)
            return True
        status = None
        def has_ended():
            global status
            if status is None:
                process, code = os.waitpid(child, os.WNOHANG)
                status = os.waitstatus_to_exitcode(code) if process else None
            return status is not None
        for step in steps:
            if step[0] in ("see", "insist"):
                wanted, typed = step[-1].encode(), 0
                while wanted not in shown[start:]:
                    if step[0] == "insist" and time.time() > typed + 2:
                        os.write(terminal, step[1].encode())
                        typed = time.time()
                    if not listen(0.2) and (time.time() > deadline or has_ended()):
                        sys.exit("never seen: %r in %s" % (wanted, shown.decode(errors="replace")))
                start = shown.index(wanted, start) + len(wanted)
            elif step[0] == "type":
                os.write(terminal, step[1].encode())
            elif step[0] == "resize":
                resize(int(step[1]), int(step[2]))
            else:
                os.kill(child, int(step[1]))
        while listen(0.1) or not has_ended():
            if time.time() > deadline:
                sys.exit("does not end: " + shown.decode(errors="replace"))
        after = termios.tcgetattr(end)
        print(json.dumps({"shown": shown.decode(errors="replace"), "status": status,
                          "isRestored": before[:4] == after[:4]}))
        """#
}

extension Program.Invocation {
    fileprivate func with(first argument: String) -> Program.Invocation {
        var copy = self
        copy.arguments.insert(argument, at: 0)
        return copy
    }
}
