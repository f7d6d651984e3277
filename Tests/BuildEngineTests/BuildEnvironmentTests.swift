import BuildEngine
import Testing

@testable import BuildEngine

@Suite struct BuildEnvironmentTests {
    static let origins: [BuildEnvironment.Origin] = [
        .image, .codebuild, .buildspec, .buildspecSecret, .project, .start,
    ]

    @Test(arguments: origins, origins)
    func `the stronger origin wins in whatever order they come`(
        one: BuildEnvironment.Origin, other: BuildEnvironment.Origin
    ) {
        var environment = BuildEnvironment()
        environment.set("AWS_REGION", "one", from: one)
        environment.set("AWS_REGION", "other", from: other)
        #expect(environment.entries["AWS_REGION"]?.value == (other >= one ? "other" : "one"))
        #expect(environment.refused.isEmpty)
    }

    @Test func `what CodeBuild provides stays and other reserved names may be set`() {
        var environment = BuildEnvironment()
        environment.set("CODEBUILD_BUILD_ID", "real", from: .codebuild)
        environment.set("CODEBUILD_BUILD_ID", "mine", from: .start)
        environment.set("CODEBUILD_CONFIG_AUTO_DISCOVER", "false", from: .project)
        #expect(environment.variables.map(\.value) == ["real", "false"])
        #expect(environment.refused == ["CODEBUILD_BUILD_ID"])
    }

    @Test(arguments: ["", "1A", "A-B", "A=B", "A B", "A\nB", "Ä", "BASH_FUNC_x%%"])
    func `names that no shell can hold are refused`(name: String) {
        var environment = BuildEnvironment()
        environment.set(name, "x", from: .start)
        #expect(environment.variables.isEmpty)
        #expect(environment.refused == [name])
    }

    @Test func `a value with a zero byte is refused`() {
        var environment = BuildEnvironment()
        environment.set("A", "x\0y", from: .start)
        #expect(environment.refused == ["A"])
    }
}

@Suite struct VariableExpansionTests {
    @Test(arguments: [
        ("$A", "1"), ("${A}", "1"), ("x$A/y", "x1/y"), ("$A$B", "1two"), ("${A}${B}", "1two"), ("$AB", ""),
        ("$UNSET", ""), ("${UNSET}x", "x"), ("$", "$"), ("a$", "a$"), ("$$A", "$1"), ("${A", "${A"),
        ("${A-b}", "${A-b}"), ("$A.txt", "1.txt"), ("$A-$B", "1-two"), ("$Aé", "1é"), ("plain", "plain"),
        ("", ""), ("$NESTED", "$A"), ("日本$A語", "日本1語"),
    ])
    func `expands references once`(text: String, expected: String) {
        let variables = ["A": "1", "B": "two", "NESTED": "$A"]
        #expect(VariableExpansion.expand(text, variables) == expected)
    }
}
