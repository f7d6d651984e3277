import Archiving
import SystemPackage
import TestSupport
import Testing

struct IgnoreRulesTests {
    /// Git itself is asked which files are left.
    @Test(arguments: [
        "", "*.log", "/top.log", "d/", "d/*", "d", "**/e", "d/**/x", "*.log\n!keep.log", "d/\n!d/keep.log",
        "d/*\n!d/keep.log", "*\n!*/\n!*.log", "/*\n!/d", "a b", "a\\ b", "\\#x", "#x", "\\!x", "!x", "trail ",
        "[kt]*",
        "?op.log", "d/e/", "e/x", "x/", "/d/e/x", "**", "d/**", "*.log\n\n!d/*.log\n/d/drop.log", "K*", "*/e",
        "**/", "/**/", "d/**/", "**\n!d/\n!x", "*.log\nd/\n!keep.log\n!d/e/f/x", "t[[:alpha:]]p.log",
        "[[:digit:][:upper:]x]",
        "[^[:alnum:]]*", "\u{FEFF}*.log",
    ])
    func `agrees with git`(rules: String) throws {
        let scratch = try Scratch()
        try scratch.sh(
            """
            git init -q repo; cd repo; mkdir -p d/e/f d/x; touch top.log keep.log d/keep.log d/drop.log d/e/x d/e/f/x x 'a b' '#x' '!x'
            touch trail d/x/y
            cat > .gitignore <<'END'
            \(rules)
            END
            """)
        let expected = try scratch.sh(
            "cd repo; git -c core.quotePath=off ls-files -co --exclude-standard -z | tr '\\0' '\\n' | LC_ALL=C sort"
        )
        let selector = try FileSelector(root: scratch.path.appending("repo"), sourceDirectory: "/")
        let parsed = IgnoreRules(rules)
        var asking = selector
        asking.ignoreRules = parsed
        let kept = try? asking.select(.init(patterns: ["**/*"], excludePaths: [".git/**"])).files
        let names = expected.split(separator: "\n").map(String.init)
        #expect((kept ?? []).map(\.name.description) == names)
        guard let patterns = parsed.excludePatterns else { return }
        let pruned = try? selector.select(.init(patterns: ["**/*"], excludePaths: [".git/**"] + patterns))
            .files
        #expect((pruned ?? []).map(\.name.description) == names)
    }
}
