import ShellScript
import Testing

@Suite struct BashismTests {
    private func bashisms(_ text: String) -> [Bashism.Kind] {
        ShellScan(of: text).bashisms.map(\.kind)
    }

    static let samples: [(String, Bashism.Kind)] = [
        ("[[ -f a ]]", .doubleBracket), ("source a", .source), ("x=(a b)", .array), ("echo ${x[0]}", .array),
        ("x[1]=a", .array), ("declare x=1", .declareBuiltin), ("typeset x", .declareBuiltin),
        ("f() { local -r x=1; }", .declareOption), ("set -o pipefail", .pipefail),
        ("set -euo pipefail", .pipefail),
        ("shopt -s globstar", .shopt), ("diff <(a) b", .processSubstitution),
        ("a > >(b)", .processSubstitution),
        ("a <<< x", .hereString), ("a &> b", .redirectBoth), ("a &>> b", .redirectBoth),
        ("a |& b", .pipeBoth),
        ("a >& b", .redirectToFile), ("echo ${x:0:7}", .substring), ("echo \"${x: -3}\"", .substring),
        ("echo ${x//a/b}", .replacement), ("echo ${x/a/b}", .replacement), ("echo ${x^^}", .caseChange),
        ("echo ${x,,}", .caseChange), ("echo ${!x}", .indirection), ("echo ${x@Q}", .transformation),
        ("function f { a; }", .functionKeyword), ("((x > 1)) && a", .arithmeticCommand),
        ("for ((i=0;i<3;i++)); do a; done", .arithmeticFor), ("let x=1", .letBuiltin),
        ("select x in a b; do c; done", .select), ("coproc a", .coprocess),
        ("case x in a) b;& c) d;; esac", .caseFallThrough), ("echo {1..3}", .braceExpansion),
        ("mkdir -p a/{b,c}", .braceExpansion), ("echo {a..z}", .braceExpansion), ("echo $'a\\n'", .ansiQuote),
        ("[ \"$x\" == a ]", .doubleEquals), ("test a == b", .doubleEquals), ("pushd a", .directoryStack),
        ("echo -e 'a\\n'", .echoOption), ("echo -ne a", .echoOption), ("read -a x", .readOption),
        ("read -s x", .readOption), ("readarray x", .arrayInput), ("echo $RANDOM", .shellVariable),
        ("echo ${BASH_SOURCE[0]}", .shellVariable), ("trap 'a' ERR", .trapCondition),
        ("type -P a", .typeOption),
        ("export -f f", .exportOption), ("printf -v x a", .printfVariable), ("wait -n", .waitOption),
        ("x+=a", .appendAssignment), ("disown", .bashBuiltin),
    ]

    @Test(arguments: samples)
    func `finds what the default shell does not do`(text: String, kind: Bashism.Kind) {
        #expect(bashisms(text) == [kind])
        #expect(bashisms("if true; then X=$(\(text)\n); fi") == [kind])
    }

    @Test func `every kind has a sample, a construct and a mend`() {
        #expect(Set(Self.samples.map(\.1)) == Set(Bashism.Kind.allCases))
        for kind in Bashism.Kind.allCases {
            #expect(!kind.construct.isEmpty)
            #expect(!kind.mend.isEmpty)
        }
    }

    @Test(arguments: [
        "echo '[[ a ]]' \"source x\" \\{a,b}", "bash -c '[[ -f a ]] && source b'", "grep '[[:alpha:]]' a",
        "grep [[:digit:]] a", "awk '{a[1]=2; print a[1]}' f", "sed 's/{1,2}/x/' f", "jq '.a[0] | {a,b}' f",
        "cat <<'E'\n[[ a ]]\n${x:0:7}\nE", "cat <<E\n[[ a ]] {1..3} $'x'\nE", "echo $((x == 1 ? 2 : 3))",
        "echo $((x[0]))", "# [[ a ]]", "echo ${x:-a} ${x:=b} ${x:?c} ${x:+d} ${#x} ${x%/*} ${x##*.}",
        "find . -exec a {} \\;", "git show HEAD@{1}", "echo {} {a} ${a},b",
        "aws x --query Stacks[].{A:B,C:D}",
        "aws x --cli-input {\"a\":1,\"b\":2}", "a 2>&1 >&2 <&- 3>&-", "a > b 2>&1 &", "echo -n a",
        "echo e -e",
        "read -r x", "[ a = b ]", "[ a '==' b ]", "echo a == b", "trap a EXIT INT", "type a", "export x=1",
        "f() { local x=1; }", "echo source", "x='(a)'", "( (a); b )", "((a); b)", "echo \"$'\" \"$\"",
        "echo \"{1..3}\"", "x={a,b}", "REPLY=a; echo $REPLY", "UID=$(id -u); echo ${UID}",
        "set -e", "echo ${RANDOM:-1}", "echo ${AWS::Region}", "case $x in a|b) c;; esac",
        "echo function select let", "x=a+=b", "cmd --x=(", "echo ${x%%[0-9]*}",
        "docker run -u $USER $HOSTNAME",
    ])
    func `does not take other text for it`(text: String) {
        #expect(bashisms(text) == [])
    }

    @Test func `a regular expression in double brackets is no brace expansion`() {
        #expect(bashisms("[[ $x =~ ^[a-f]{7,40}$ ]]") == [.doubleBracket])
        #expect(bashisms("x=$(echo {1..3})") == [.braceExpansion])
    }

    @Test func `gives the place of a construct`() {
        func place(_ text: String) -> Range<Int>? { ShellScan(of: text).bashisms.first?.range }
        #expect(place("a && source b") == 5..<11)
        #expect(place("echo \"${x:0:7}\" y") == 6..<14)
        #expect(place("set -eu -o pipefail") == 0..<19)
        #expect(place("cp a/{b,c} d") == 5..<10)
        #expect(place("a &> b") == 2..<4)
    }
}
