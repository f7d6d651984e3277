/// The texts of `codebuild-breakpoint` and `codebuild-resume`, for any POSIX shell.
///
/// They do nothing unless the build can be paused, which it can where the runner has put its pipes (see
/// `BreakpointPipes`): as in the cloud, where they do nothing without a session.
enum BreakpointScripts {
    /// Its variables have names that no build has: what a build has exported stays as it is.
    private static let place = #"""
        __cb_place=$(CDPATH= cd -- "${0%/*}/../../readonly/debug" 2>/dev/null && pwd) || exit 0
        [ -p "$__cb_place/events" ] || exit 0

        """#

    /// Notes where it is, serves shells from there, tells the runner, and waits.
    ///
    /// Shells get the variables that this process was started with. The server says `ok` as soon as it serves, or why it
    /// does not; it has no part in the command's output.
    static let breakpoint =
        place + #"""
            __cb_name=$$
            __cb_served=ok
            if [ -e "$__cb_place/engine" ]; then
              (umask 077 && export -p >"$__cb_place/$__cb_name.env" &&
                pwd >"$__cb_place/$__cb_name.dir")
            else
              __cb_served=$("${0%/*}/buildspec" serve-shells "$__cb_place/$__cb_name" 2>&1 </dev/null &)
            fi
            trap 'rm -f "$__cb_place/$__cb_name" "$__cb_place/$__cb_name.env" "$__cb_place/$__cb_name.dir"
              printf "gone %s\n" "$__cb_name" >"$__cb_place/events"' EXIT
            trap 'exit 129' HUP
            trap 'exit 130' INT
            trap 'exit 143' TERM
            __cb_user=$(id -u):$(id -g)
            __cb_served=$(printf %.200s "$__cb_served" | tr '\n' ' ')
            printf 'paused %s %s %s\n' "$__cb_name" "$__cb_user" "$__cb_served" >"$__cb_place/events"
            read -r __cb_go <"$__cb_place/go"
            exit 0
            """#

    /// Tells the runner.
    static let resume =
        place + #"""
            printf 'resume\n' >"$__cb_place/events"
            """#
}
