/// Texts that a careless runner pastes into a script.
enum HostileValues {
    static let all: [String] = [
        "", " ", "plain", "two words", "'", "''", "'\\''", "\"", "\\", "\\\\", "\\n", "a'b\"c\\d`e$f",
        "$HOME", "${HOME}", "$(touch /tmp/never)", "`id`", "!history", "*", "?", "[a-z]", "~", "~root",
        "{a,b}",
        "-n", "-e \\t", "--", "#comment", "a;b", "a&b", "a|b", "a>b", "(", ")", "\n", "a\nb", "a\n",
        "\nEOF\n",
        "\ttab", "\r\n", "é", "日本語", "🙂", "e\u{301}", "\u{1}\u{1b}[31m", "\u{7f}", "%s%n", "=", "a=b",
        "export X=1", "'; exit 3; '", "$'x'", String(repeating: "'", count: 500),
    ]
}
