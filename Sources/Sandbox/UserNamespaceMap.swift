import Glibc
import SystemPackage

/// Lets a sandbox that root makes have all users: `bwrap` alone maps one.
///
/// Without it nothing in the sandbox can become another user, or give a file to one. An ordinary user's sandbox has no
/// user but its own root.
enum UserNamespaceMap {
    /// Whether this process may map all users.
    static var isPermitted: Bool { geteuid() == 0 }

    /// What `bwrap` needs to know, before its other arguments.
    static let arguments = ["--info-fd", "8", "--userns-block-fd", "9"]

    /// Takes two pipes (`$1`, `$2`) and a command line that holds ``arguments``, and becomes that program.
    ///
    /// A helper learns from `bwrap` which process is in the new user namespace, maps all users that this process has to
    /// themselves, and lets `bwrap` go on. It has opened both pipes when their names are removed, and waits for nobody
    /// when `bwrap` is gone.
    static let program = """
        info=$1 go=$2
        shift 2
        (
          exec 7<>"$go"
          pid='' map=''
          while IFS= read -r line; do
            case $line in *'"child-pid"'*) pid=${line#*: } pid=${pid%%[!0-9]*} ;; esac
          done <"$info"
          while read -r first rest count; do map="$map$first $first $count
        "; done </proc/self/uid_map
          printf %s "$map" >"/proc/$pid/uid_map"
          map=''
          while read -r first rest count; do map="$map$first $first $count
        "; done </proc/self/gid_map
          printf %s "$map" >"/proc/$pid/gid_map"
          echo >&7
        ) </dev/null >/dev/null 2>&1 &
        exec 8>"$info" 9<>"$go"
        rm -f "$info" "$go"
        exec "$@"
        """

    /// Makes the two pipes, beside the build's directories.
    /// - Throws: ``SandboxError`` when they cannot be made.
    static func makePipes(in directory: FilePath) throws(SandboxError) -> (info: FilePath, go: FilePath) {
        let pipes = (info: directory.appending(".userns-info"), go: directory.appending(".userns-go"))
        for pipe in [pipes.info, pipes.go] {
            unlink(pipe.string)
            guard mkfifo(pipe.string, 0o600) == 0 else {
                throw .fileSystem(directory, Errno(rawValue: errno))
            }
        }
        return pipes
    }
}
