import CLinuxCalls
import Glibc
import Synchronization

/// Where keys come from and words go: a terminal, or standard input and output that are none.
package struct Terminal: Sendable, Hashable {
    /// Keys.
    package var input: Int32
    /// Words.
    package var output: Int32
    /// Whether it is a terminal, on which a shell is interactive.
    package var isInteractive: Bool
    /// `TERM`.
    package var name: String

    /// Names the two ends.
    package init(input: Int32, output: Int32, isInteractive: Bool, name: String) {
        self.input = input
        self.output = output
        self.isInteractive = isInteractive
        self.name = name
    }

    /// The terminal that this process was started from; nil when standard input is none, or another program has it.
    package static func own(named name: String) -> Terminal? {
        guard isatty(STDIN_FILENO) == 1, tcgetpgrp(STDIN_FILENO) == getpgrp() else { return nil }
        let output = [STDOUT_FILENO, STDERR_FILENO].first { isatty($0) == 1 }
        return Terminal(input: STDIN_FILENO, output: output ?? STDIN_FILENO, isInteractive: true, name: name)
    }

    /// Its size; nil when it has none.
    var size: (rows: UInt16, columns: UInt16)? {
        guard isInteractive else { return nil }
        var size: (rows: UInt16, columns: UInt16) = (0, 0)
        guard buildspec_get_window_size(input, &size.rows, &size.columns) == 0, size.rows > 0,
            size.columns > 0
        else { return (24, 80) }
        return size
    }
}

/// The way in which a terminal treats keys while a shell elsewhere has them: as they are.
package enum TerminalMode {
    private struct Saved: Sendable {
        var terminal: Int32
        var mode: termios
    }

    private static let saved = Mutex<Saved?>(nil)

    /// Keeps how the terminal is, for ``restore()``.
    /// - Returns: The mode; nil when it is no terminal.
    @discardableResult
    static func remember(_ terminal: Terminal) -> termios? {
        guard terminal.isInteractive else { return nil }
        var mode = termios()
        guard tcgetattr(terminal.input, &mode) == 0 else { return nil }
        let before = Saved(terminal: terminal.input, mode: mode)
        saved.withLock { $0 = $0 ?? before }
        return mode
    }

    /// Hands keys on as they are, Ctrl-C included; output keeps its line ends.
    static func makeRaw(_ terminal: Terminal) {
        guard var mode = remember(terminal) else { return }
        let outputModes = mode.c_oflag
        cfmakeraw(&mode)
        mode.c_oflag = outputModes
        tcsetattr(terminal.input, TCSADRAIN, &mode)
    }

    /// Gives the terminal back as it was; for whoever ends the process in a hurry, too.
    package static func restore() {
        saved.withLock { saved in
            guard var before = saved else { return }
            saved = nil
            // Taking back what is ours must not stop us when we are in the background.
            signal(SIGTTOU, SIG_IGN)
            tcsetattr(before.terminal, TCSADRAIN, &before.mode)
        }
    }
}
