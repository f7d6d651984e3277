import ShellScript
import Testing

@Suite struct VariableTests {
    /// Written as `name:form:reach`, or only `name` for a plain assignment that lasts.
    private func assignments(_ text: String) -> [String] {
        ShellScan(of: text).assignments.map { assignment in
            assignment.form == .plain && assignment.reach == .shell
                ? assignment.name : "\(assignment.name):\(assignment.form):\(assignment.reach)"
        }
    }

    @Test(arguments: [
        ("X=1", ["X"]), ("X=1 Y=2", ["X", "Y"]), ("X= make", ["X:plain:command"]),
        ("X+=1", ["X:append:shell"]),
        ("export X", ["X:export:shell"]), ("export X=$Y Z", ["X:export:shell", "Z:export:shell"]),
        ("export \"X=$Y\"", ["X:export:shell"]), ("export -p", []), ("readonly X=1", ["X:readonly:shell"]),
        ("f() { local X=1; }", ["X:declaration:subshell"]), ("declare -x X=1", ["X:export:shell"]),
        ("f() { declare -g X=1; }", ["X:declaration:shell"]), ("typeset X", ["X:declaration:shell"]),
        ("read -r -p 'a b' X Y", ["X:input:shell", "Y:input:shell"]), ("read -ra X", ["X:input:shell"]),
        ("while IFS= read -r L; do :; done", ["IFS:plain:command", "L:input:shell"]),
        ("for f in a b; do :; done", ["f:loop:shell"]), ("select f in a; do :; done", ["f:loop:shell"]),
        ("getopts ab: o", ["o:input:shell"]), ("printf -v X %s a", ["X:input:shell"]),
        ("mapfile -t X", ["X:input:shell"]), (": ${X:=1}", ["X:expansion:shell"]),
        (": \"${X=1}\"", ["X:expansion:shell"]),
        ("((X = 1, Y++))", ["X:arithmetic:shell", "Y:arithmetic:shell"]),
        ("let X=1", ["X:arithmetic:shell"]), ("echo $((X += 2))", ["X:arithmetic:shell"]),
        ("(X=1)", ["X:plain:subshell"]), ("echo $(X=1)", ["X:plain:subshell"]),
        ("echo `X=1`", ["X:plain:subshell"]), ("if X=1; then :; fi", ["X"]),
        ("X=(a b)", ["X"]), ("X[0]=a", ["X"]),
        ("unset X", []), ("echo X=1", []), ("'X=1'", []), ("1X=1", []), ("# X=1", []),
        ("cat <<E\nX=1\nE", []),
    ])
    func `finds what gives values to variables, and how far they are seen`(text: String, expected: [String]) {
        #expect(assignments(text) == expected)
    }

    @Test(arguments: [
        ("echo $X ${Y} \"$Z\"", ["X", "Y", "Z"]), ("echo ${#X} ${X%.*} ${X##*/}", ["X", "X", "X"]),
        ("echo $1 $@ $* $# $? $- $$ $! $0 ${1} ${10} ${@} ${#} ${?}", []),
        ("echo '$X' \\$X \"\\$X\" # $X", []), ("bash -c 'echo $X'", []), ("cat <<'E'\n$X\nE", []),
        ("cat <<\\E\n$X\nE", []), ("cat <<E\n$X \\$Y `echo $Z`\nE", ["X", "Z"]), ("cat <<$X\n$X\n", []),
        ("echo $((X + 0x1F + 16#ff + Y))", ["X", "Y"]), ("echo $(( $X ))", ["X"]),
        ("echo \"it's $X\"", ["X"]), ("echo \"${X:-'$Y'}\"", ["X", "Y"]), ("echo ${X:-'$Y'}", ["X"]),
        ("for f in $A; do :; done", ["A"]), ("case $A in $B) ;; esac", ["A", "B"]), ("a > $X", ["X"]),
        ("X=$Y a", ["Y"]), ("x=($Y)", ["Y"]), ("echo ${AWS::Region} ${a.b} ${a b}", []), ("echo $", []),
        ("awk '{print $NF}'", []), ("echo $X$Y", ["X", "Y"]), ("echo ${X:-${Y:-$Z}}", ["X", "Y", "Z"]),
        ("[[ $X =~ ^($Y)$ ]]", ["X", "Y"]), ("trap 'rm $X' EXIT", []), ("echo $'\\'$X'", []),
        ("echo ${X[$Y]}", ["X", "Y"]), ("echo $((echo $X); echo $Y)", ["X", "Y"]),
    ])
    func `finds the variables whose values are used`(text: String, expected: [String]) {
        #expect(ShellScan(of: text).expansions.map(\.name).sorted() == expected.sorted())
    }

    @Test(arguments: [
        ("${X:-a}", true, false), ("${X-a}", true, false), ("${X:=a}", true, false), ("${X=a}", true, false),
        ("${X:+a}", true, false), ("${X+a}", true, false), ("${X:?a}", false, true), ("${X?a}", false, true),
        ("${X%a}", false, false), ("${X}", false, false), ("$X", false, false), ("${#X}", false, false),
    ])
    func `tells whether an unset variable is provided for`(
        text: String, hasDefault: Bool, isRequired: Bool
    ) throws {
        let expansion = try #require(ShellScan(of: "echo " + text).expansions.first)
        #expect(expansion.hasDefault == hasDefault)
        #expect(expansion.isRequired == isRequired)
    }

    @Test func `gives the places of variables in bytes`() {
        let scan = ShellScan(of: "é=1; A=$B; echo \"${C}\" $((D)) ${!E}")
        #expect(scan.assignments.map(\.offset) == [6])
        #expect(scan.expansions.map(\.range) == [8..<10, 18..<21, 27..<28, 31..<35])
        #expect(scan.expansions.map(\.isArithmetic) == [false, false, true, false])
        #expect(scan.expansions.map(\.isIndirect) == [false, false, false, true])
    }
}
