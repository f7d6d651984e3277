import Glibc
import SystemPackage

/// What `sudo` is in the sandbox, where the host has one.
///
/// Commands of a build are root already, as in the cloud. The real `sudo` is no use here: its rules are the host's
/// secret, and no process in the sandbox gets new privileges. This one runs its arguments, with the environment kept;
/// `-u USER` is obeyed. Where the host has no `sudo` there is none, as in many of CodeBuild's images.
enum SudoStandIn {
    static let program = """
        #!/bin/sh
        # Stands in for sudo: a build's commands are root already.
        [ "$(id -u)" = 0 ] || { echo 'sudo: a password is required' >&2; exit 1; }
        user= shell= idle=
        while [ $# -gt 0 ]; do
          case $1 in
            --) shift; break ;;
            -u | --user) user=$2; shift; [ $# -eq 0 ] || shift ;;
            --user=*) user=${1#*=}; shift ;;
            -u?*) user=${1#-u}; shift ;;
            -[CDgpRrTtUh]) shift; [ $# -eq 0 ] || shift ;;
            -V | --version) echo 'sudo of a buildspec sandbox'; exit 0 ;;
            -[vkKl] | --validate | --reset-timestamp | --remove-timestamp | --list) idle=1; shift ;;
            -i | -s | --login | --shell) shell=1; shift ;;
            -*) shift ;;
            [A-Za-z_]*=*) export "$1"; shift ;;
            *) break ;;
          esac
        done
        export SUDO_USER=root SUDO_UID=0 SUDO_GID=0
        if [ -n "$shell" ]; then
          if [ $# -gt 0 ]; then set -- /bin/sh -c "$*"; else set -- /bin/sh; fi
        fi
        [ $# -gt 0 ] || { [ -n "$idle" ] && exit 0; echo 'usage: sudo [-u user] command' >&2; exit 1; }
        case $user in
          '' | root | '#0') exec "$@" ;;
          '#'*) number=${user#?}; exec setpriv --reuid "$number" --regid "$number" --clear-groups -- "$@" ;;
        esac
        group=$(id -g "$user" 2>/dev/null) || { echo "sudo: unknown user $user" >&2; exit 1; }
        exec setpriv --reuid "$user" --regid "$group" --init-groups -- "$@"

        """

    /// Where the host's `sudo` is.
    private static let place = "usr/bin/sudo"
    /// Where the program is in the build's root, when the system is read-only.
    static let file: FilePath = "codebuild/readonly/sudo"

    /// Whether the host has a `sudo` to stand in for.
    static var isWanted: Bool { FileKind(of: "/" + place) != .none }

    /// Puts it in front of the host's in a writable system.
    static func write(in layers: inout OverlayLayers) throws(SandboxError) {
        if isWanted { try layers.write(program, to: place, mode: 0o755) }
    }

    /// Puts it into the root of a build with a read-only system, where it is mounted over the host's.
    static func write(in root: BuildRoot) throws(SandboxError) {
        guard isWanted else { return }
        let files = try AnchoredDirectory(root.hostPath)
        defer { files.close() }
        try files.replace(file, with: Array(program.utf8), permissions: FilePermissions(rawValue: 0o755))
        chmod(root.host(file).string, 0o755)
    }

    /// The mount that does so.
    static func arguments(_ root: BuildRoot) -> [String] {
        guard case .file = FileKind(of: "/" + place) else { return [] }
        return ["--ro-bind-try", root.host(file).string, "/" + place]
    }
}
