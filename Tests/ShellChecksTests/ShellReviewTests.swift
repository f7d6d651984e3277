import Buildspec
import Diagnostics
import ShellChecks
import Testing

/// What the shells say, in the places of the buildspec.
@Suite(RealShell.areInstalled) struct ShellReviewTests {
    private func review(
        _ commands: [String], shell: String? = nil, depth: ShellReview.Depth = .syntax,
        memory: (any ShellcheckMemory)? = nil
    ) -> [String] {
        let env = shell.map { "env:\n  shell: \($0)\n" } ?? ""
        let text =
            "version: 0.2\n\(env)phases:\n  build:\n    commands:\n" + commands.map { $0 + "\n" }.joined()
        let checked = ShellReview(depth, memory: memory).review(CheckedBuildspec(Array(text.utf8)))
        return checked.diagnostics.map { diagnostic in
            let place = diagnostic.range.map {
                "\($0.start.line):\($0.start.column)-\($0.end.line):\($0.end.column)"
            }
            return "\(place ?? "") \(diagnostic.code)"
        }
    }

    @Test func `a construct that is split over items is told of once, where it begins`() {
        let split = [
            "      - if [ -f a ]; then", "      - cat a", "      - else", "      - cat b", "      - fi",
            "      - ls",
        ]
        #expect(review(split) == ["5:9-5:11 BS403"])
        let nested = [
            "      - for f in *; do", "      - if [ -f $f ]; then", "      - cat $f", "      - fi",
            "      - done",
        ]
        #expect(review(nested) == ["5:9-5:12 BS403"])
        let twice = [
            "      - while true; do", "      - ls", "      - done", "      - 'case a in'", "      - a) ls;;",
            "      - esac",
        ]
        #expect(review(twice) == ["5:9-5:14 BS403", "8:10-8:14 BS403"])
    }

    @Test(
        arguments: [
            (["      - fi"], ["5:9-5:11 BS401"]), (["      - echo PWD (1) is"], ["5:9-5:24 BS401"]),
            (["      - echo \"a"], ["5:14-5:15 BS401"]), (["      - 'echo \"a'"], ["5:15-5:16 BS401"]),
            (["      - \"echo \\\"a\""], ["5:15-5:17 BS401"]),
            (["      - |", "        ls", "        echo $(ls"], ["7:14-7:15 BS401"]),
            (["      - >-", "        ls;", "        echo a)"], ["7:15-7:16 BS401"]),
            (["      - cat <(ls)"], ["5:9-5:18 BS402", "5:13-5:15 BS404"]),
            (["      - ls", "      - echo 'it''s' && (ls)", "      - \"# nothing\""], []),
        ] as [([String], [String])])
    func `what no shell can read is an error at its place`(_ commands: [String], _ expected: [String]) {
        #expect(review(commands) == expected)
    }

    @Test func `bash is asked about commands for bash, and nobody about those for other shells`() {
        #expect(review(["      - cat <(ls)"], shell: "bash") == [])
        #expect(review(["      - cat <(ls"], shell: "/bin/bash") == ["7:13-7:14 BS401"])
        #expect(review(["      - if ($a) { ls }"], shell: "powershell.exe") == [])
        #expect(review(["      - fi"], shell: "zsh") == ["3:10-3:13 BS319"])
    }

    @Test(
        .enabled(if: shellcheckExecutable() != nil, "shellcheck is not installed: apt-get install shellcheck")
    )
    func `shellcheck's findings are at the places of the file, once a rule and command`() {
        let commands = [
            "      - echo $(date) $HOME", "      - |", "        rm $HOME/a $HOME/b", "        ls",
            "      - \"printf \\\"%s\\\" $HOME\"",
        ]
        let findings = review(commands, depth: .all)
        #expect(
            findings == [
                "5:14-5:21 BS410", "5:22-5:27 BS411", "7:12-7:17 BS411", "9:24-9:29 BS411",
            ])
        #expect(review(commands) == [])
    }

    @Test(
        .enabled(if: shellcheckExecutable() != nil, "shellcheck is not installed: apt-get install shellcheck")
    )
    func `an answer that is remembered is not asked for again`() {
        let memory = RecordingMemory()
        let commands = ["      - echo $HOME"]
        let first = review(commands, depth: .all, memory: memory)
        #expect(memory.answers.value.count == 1 && memory.hits.value == 0)
        #expect(review(commands, depth: .all, memory: memory) == first)
        #expect(memory.answers.value.count == 1 && memory.hits.value == 1)
        _ = review(["      - echo $PWD"], depth: .all, memory: memory)
        #expect(memory.answers.value.count == 2)
    }

    @Test func `the place of every byte of a command is found through every style of scalar`() {
        let texts = [
            "plain text: no": "      - 'plain text: no'", "a'b": "      - 'a''b'",
            "a\"b\\c\té": "      - \"a\\\"b\\\\c\\t\\u00e9\"",
            "one two\nthree": "      - one\n        two\n\n        three",
            "x\n  y\n": "      - |\n        x\n          y\n",
            "x y\nz\n": "      - >\n        x\n        y\n\n        z\n",
            "  x\n": "      - |2\n          x\n",
            "a b": "      - \"a \\\n        b\"",
        ]
        for (value, written) in texts {
            let text = Array("version: 0.2\nphases:\n  build:\n    commands:\n\(written)\n".utf8)
            let checked = CheckedBuildspec(text)
            guard let command = checked.commands.first else { return #expect(Bool(false)) }
            #expect(command.command.value == value)
            for (index, byte) in value.utf8.enumerated() where byte > 0x20 && byte < 0x80 {
                let place = command.range(of: index..<(index + 1), in: text).start
                // An escape stands for its byte; everything else stands for itself.
                let isThere = text[place.offset] == byte || text[place.offset] == UInt8(ascii: "\\")
                #expect(isThere || value == "  x\n", "\(written): byte \(index)")
            }
        }
    }
}
