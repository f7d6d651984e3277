import CLinuxCalls
import Glibc

/// A shell started for a terminal outside: a child of this process, so that it is in the same sandbox, directory and
/// environment.
struct ServedShell {
    /// The shell's process, the leader of a session of its own.
    let process: pid_t
    /// Where its output comes from.
    let output: Int32
    /// Where its input goes: the same descriptor on a terminal; -1 when that is closed.
    private(set) var input: Int32

    /// Starts `bash` where there is one, else `sh`; neither reads files of its user's.
    /// - Returns: Nil when none can be started; `errno` says why.
    static func start(_ request: ShellRequest, limit: UInt64?) -> ServedShell? {
        guard let size = request.size else { return startWithPipes(limit) }
        var name = [CChar](repeating: 0, count: 128)
        let terminal = buildspec_open_terminal(&name, name.count)
        guard terminal >= 0 else { return nil }
        _ = buildspec_set_window_size(terminal, size.rows, size.columns)
        let path = name
        let process = spawn(["TERM": request.safeTerminal], limit) { actions in
            // The first terminal that the leader of a session opens becomes its controlling one.
            posix_spawn_file_actions_addopen(&actions, 0, path, O_RDWR, 0)
            posix_spawn_file_actions_adddup2(&actions, 0, 1)
            posix_spawn_file_actions_adddup2(&actions, 0, 2)
        }
        guard let process else {
            close(terminal)
            return nil
        }
        setNonBlocking(terminal)
        return ServedShell(process: process, output: terminal, input: terminal)
    }

    private static func startWithPipes(_ limit: UInt64?) -> ServedShell? {
        var input: [Int32] = [-1, -1]
        var output: [Int32] = [-1, -1]
        guard buildspec_pipe(&input) == 0 else { return nil }
        guard buildspec_pipe(&output) == 0 else {
            input.forEach { close($0) }
            return nil
        }
        let (reading, writing) = (input[0], output[1])
        let process = spawn([:], limit) { actions in
            posix_spawn_file_actions_adddup2(&actions, reading, 0)
            posix_spawn_file_actions_adddup2(&actions, writing, 1)
            posix_spawn_file_actions_adddup2(&actions, writing, 2)
        }
        close(reading)
        close(writing)
        guard let process else {
            close(input[1])
            close(output[0])
            return nil
        }
        setNonBlocking(input[1])
        setNonBlocking(output[0])
        return ServedShell(process: process, output: output[0], input: input[1])
    }

    /// Gives the terminal another size.
    func resize(rows: UInt16, columns: UInt16) {
        _ = buildspec_set_window_size(output, rows, columns)
    }

    /// There is no more input.
    mutating func closeInput() {
        guard input >= 0, input != output else { return }
        close(input)
        input = -1
    }

    /// Takes the terminal away, which hangs up on everything that runs on it.
    mutating func hangUp() {
        closeInput()
        close(output)
        input = -1
        kill(-process, SIGHUP)
    }

    private static func spawn(
        _ more: [String: String], _ limit: UInt64?,
        _ prepare: (inout posix_spawn_file_actions_t) -> Void
    ) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        prepare(&actions)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        // POSIX_SPAWN_SETSID is 0x80; glibc's header shows it with _GNU_SOURCE only.
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | 0x80))
        for words in [["bash", "--noprofile", "--norc"], ["sh"]] {
            if let process = spawn(words, more, &actions, &attributes, limit) { return process }
        }
        return nil
    }

    private static func spawn(
        _ words: [String], _ more: [String: String], _ actions: inout posix_spawn_file_actions_t,
        _ attributes: inout posix_spawnattr_t, _ limit: UInt64?
    ) -> pid_t? {
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        var variables = environment(more)
        defer { (arguments + variables).forEach { free($0) } }
        var process: pid_t = 0
        var own = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        getrlimit(resource, &own)
        if let limit {
            var lowered = own
            lowered.rlim_cur = min(own.rlim_max, rlim_t(limit))
            setrlimit(resource, &lowered)
        }
        let status = posix_spawnp(&process, words[0], &actions, &attributes, &arguments, &variables)
        setrlimit(resource, &own)
        guard status == 0 else {
            errno = status
            return nil
        }
        return process
    }

    /// Copies of this process's variables, byte for byte, but for those that are given.
    private static func environment(_ more: [String: String]) -> [UnsafeMutablePointer<CChar>?] {
        var entries: [UnsafeMutablePointer<CChar>?] = []
        var pointer = environ
        while let entry = pointer.pointee {
            let isReplaced = more.keys.contains { strncmp(entry, $0 + "=", $0.utf8.count + 1) == 0 }
            if !isReplaced { entries.append(strdup(entry)) }
            pointer += 1
        }
        return entries + more.map { strdup("\($0.key)=\($0.value)") } + [nil]
    }
}
