/// The texts of the helper commands, for any POSIX shell with `find`, `awk`, `sort` and `sha256sum`.
enum HelperScripts {
    /// Files of the patterns, one a line, sorted by their bytes, each once.
    ///
    /// `*` and `?` do not cross `/`, `**` does; `[abc]`, `[!abc]` and `{a,b}` are known. Relative patterns are those of
    /// the current directory, and so are the names. `find` begins below the part of a pattern that has no wildcard.
    static let globSearch = #"""
        if [ $# -eq 0 ]; then
          echo 'usage: codebuild-glob-search PATTERN...' >&2
          exit 2
        fi
        LC_ALL=C
        export LC_ALL
        found=$(
          for pattern in "$@"; do
            pattern=${pattern#./}
            start=${pattern%%[*?[\{]*}
            [ "$start" = "$pattern" ] || case $start in
              */*) start=${start%/*}/ ;;
              *) start= ;;
            esac
            [ -e "${start:-.}" ] || continue
            find "${start:-.}" ! -type d | PATTERN=$pattern awk '
              BEGIN {
                text = ENVIRON["PATTERN"]; regex = "^"; depth = 0
                while (text != "") {
                  c = substr(text, 1, 1); rest = substr(text, 2)
                  if (substr(text, 1, 3) == "**/") { regex = regex "(.*/)?"; rest = substr(text, 4) }
                  else if (substr(text, 1, 2) == "**") { regex = regex ".*"; rest = substr(text, 3) }
                  else if (c == "*") regex = regex "[^/]*"
                  else if (c == "?") regex = regex "[^/]"
                  else if (c == "[" && match(text, /^\[[!^]?\]?[^]\/]*\]/)) {
                    class = substr(text, 2, RLENGTH - 2); rest = substr(text, RLENGTH + 1)
                    sub(/^!/, "^", class); gsub(/\\/, "\\\\", class)
                    regex = regex "[" class "]"
                  }
                  else if (c == "{") { regex = regex "("; depth++ }
                  else if (c == "}" && depth) { regex = regex ")"; depth-- }
                  else if (c == "," && depth) regex = regex "|"
                  else if (c == "\\" && rest != "") {
                    regex = regex quoted(substr(rest, 1, 1)); rest = substr(rest, 2)
                  }
                  else regex = regex quoted(c)
                  text = rest
                }
                regex = regex "$"
              }
              function quoted(c) { return index("\\.^$*+?()[]{}|", c) ? "\\" c : c }
              { sub(/^\.\//, ""); gsub(/\/\/+/, "/") }
              $0 ~ regex'
          done | sort -u
        )
        if [ -z "$found" ]; then
          echo "No files found for: $*" >&2
        else
          printf '%s\n' "$found"
        fi
        """#

    /// One SHA-256 for a set of files: of the hexadecimal digests of their contents, in the order of their names.
    ///
    /// Names do not count (behaviour reference, section 7.2).
    static let hashFiles = #"""
        if [ $# -eq 0 ]; then
          echo 'usage: codebuild-hash-files PATTERN...' >&2
          exit 2
        fi
        found=$("${0%/*}/codebuild-glob-search" "$@") || exit
        [ -n "$found" ] || exit 1
        printf '%s\n' "$found" | tr '\n' '\0' | xargs -0 sha256sum -- |
          sed 's/^\\//' | cut -c 1-64 | tr -d '\n' | sha256sum | cut -c 1-64
        """#

    /// The tests of one shard; an ordinary build is the only one, and runs them all (behaviour reference, section 9).
    static let testsRun = #"""
        usage() {
          echo 'usage: codebuild-tests-run --test-command COMMAND --files-search COMMAND' \
            '[--sharding-strategy equal-distribution|stability]' >&2
          exit 2
        }
        while [ $# -ge 2 ]; do
          case $1 in
            --test-command) test_command=$2 ;;
            --files-search) files_search=$2 ;;
            --sharding-strategy) ;;
            *) usage ;;
          esac
          shift 2
        done
        [ $# -eq 0 ] && [ -n "$test_command" ] && [ -n "$files_search" ] || usage
        CODEBUILD_CURRENT_SHARD_FILES=$(sh -c "$files_search") || exit
        if [ -z "$CODEBUILD_CURRENT_SHARD_FILES" ]; then
          echo 'No test files found'
          exit 0
        fi
        export CODEBUILD_CURRENT_SHARD_FILES
        exec sh -c "$test_command $(printf '%s' "$CODEBUILD_CURRENT_SHARD_FILES" | tr '\n' ' ')"
        """#
}
