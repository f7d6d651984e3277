/// The POSIX `sh` program that runs inside every sandbox for as long as the build lasts, and the words it understands.
///
/// It reads one request a line from its standard input, runs `script.sh` with the shell that the request names, and
/// answers on the log stream behind all of the command's output: a record separator, the request's nonce, the exit
/// code, and another record separator. The nonce is fresh and random for each command, so no output can look like it.
enum SandboxDriver {
    /// Byte that opens and closes an answer: the ASCII record separator.
    static let separator: UInt8 = 0x1e

    /// The program; `$1` is the script's path inside, which may hold any character.
    ///
    /// - The log is descriptor 3; the driver's own standard error is closed so that its shell's remarks about killed
    ///   children do not get into the log.
    /// - Each command gets the log through `/proc/self/fd/3`, which makes a new open file description: a program that
    ///   switches its output to non-blocking (Node.js does) spoils it for nobody else.
    /// - The redirections are inside a subshell: dash applies those of a simple command to itself while it waits, and
    ///   would write its remark to the log.
    /// - `command` keeps a redirection that fails from ending the shell, as POSIX says, without a subshell.
    /// - Descriptor 9 is a leftover of ``UserNamespaceMap``.
    /// - Another user is made by `setpriv` or what comes nearest; all of them keep the environment.
    /// - Standard input is at end-of-file. End-of-file on the request stream ends the driver.
    static let program =
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n" + programWithGivenPath

    /// The same for a place that has its own idea of where programs are: an image.
    static let programWithGivenPath = """
        exec 3>&2 2>/dev/null 9>&-
        out=/proc/self/fd/3
        command : >"$out" || out=/dev/fd/3
        as() {
          user=$1 group=$2
          shift 2
          if command -v setpriv >/dev/null; then
            exec setpriv --reuid "$user" --regid "$group" --init-groups -- "$@"
          elif command -v runuser >/dev/null; then
            exec runuser -u "$user" -- "$@"
          fi
          exec su -m -s /bin/sh "$user" -c 'exec "$0" "$@"' "$@"
        }
        printf '\\036ready:0\\036' >&3
        while IFS=' ' read -r nonce user group shell; do
          ( exec </dev/null >"$out" 2>&1 3>&-
            [ "$user" = - ] || as "$user" "$group" "$shell" "$1"
            exec "$shell" "$1" )
          printf '\\036%s:%s\\036' "$nonce" "$?" >&3
        done
        exit 0
        """

    /// Put in front of the driver on the host, where no namespace ends with the runner: a process that waits for the
    /// runner's end and then kills everything that carries the sandbox's mark (see ``Descendants``).
    ///
    /// `$2` is the runner's process id, `$3` the mark. Several rounds, because a process may fork while it is looked for;
    /// one `grep` a round, because a busy machine has many processes. It has a session of its own, so that it outlives
    /// the process group that is killed at a stroke.
    static let watchdog = """
        "$(command -v setsid || command -v env)" sh -c '
          while kill -0 "$1"; do sleep 0.3; done
          for round in 1 2 3 4 5; do
            for file in $(grep -lF "BUILDSPEC_SANDBOX=$2" /proc/[0-9]*/environ); do
              process=${file#/proc/}
              process=${process%/environ}
              [ "$process" = "$$" ] || kill -9 "$process"
            done
          done
        ' watchdog "$2" "$3" </dev/null >/dev/null 2>&1 &

        """

    /// The request line for one command.
    static func request(nonce: String, shell: String, user: CommandUser?) -> [UInt8] {
        Array("\(nonce) \(user?.name ?? "-") \(user?.group ?? "-") \(shell)\n".utf8)
    }

    /// The nonce of the driver's greeting.
    static let readyNonce = "ready"

    /// 128 random bits in hexadecimal.
    static func makeNonce() -> String {
        var generator = SystemRandomNumberGenerator()
        let high = String(generator.next(), radix: 16)
        let low = String(generator.next(), radix: 16)
        return "\(high)-\(low)"
    }
}
