import Testing
import YAMLTree

@testable import BuildEngine

@Suite struct RuntimeSelectionTests {
    private static let file = """
        version: 0.1
        runtimes:
          android:
            versions:
              29: {requires: {java: [openjdk8]}, commands: [use android]}
          java:
            versions:
              openjdk8: {commands: [use java 8]}
              openjdk11: {commands: [use java 11]}
          nodejs:
            versions:
              8: {commands: [n 8]}
              10: {commands: [n 10]}
              18: {commands: [n 18]}
          python:
            versions:
              3.9: {commands: [pyenv 3.9]}
              3.10: {commands: [pyenv 3.10]}
              3.1: {commands: [pyenv 3.1]}
              default: {commands: [pyenv install $VERSION]}
        """

    private static func select(_ wanted: [(String, String)]) throws -> [String] {
        let catalog = try RuntimeCatalog(parsing: Array(file.utf8))
        return try RuntimeSelection(wanted.map { (language: $0.0, version: $0.1) }, from: catalog).choices.map
        {
            "\($0.language) \($0.version): \($0.commands.joined()) \($0.variable ?? "-")"
        }
    }

    @Test(arguments: [
        ("nodejs", "18", "nodejs 18: n 18 -"), ("nodejs", "latest", "nodejs 18: n 18 -"),
        ("nodejs", "10.x", "nodejs 10: n 10 -"), ("python", "3.10", "python 3.10: pyenv 3.10 -"),
        ("python", "3.1", "python 3.1: pyenv 3.1 -"), ("python", "3.x", "python 3.10: pyenv 3.10 -"),
        ("python", "latest", "python 3.10: pyenv 3.10 -"),
        ("python", "3.12.4", "python 3.12.4: pyenv install $VERSION 3.12.4"),
        ("python", "4.x", "python 4.x: pyenv install $VERSION 4.x"),
    ])
    func `a version is selected`(language: String, version: String, expected: String) throws {
        #expect(try Self.select([(language, version)]) == [expected])
    }

    @Test func `what a version requires comes before it`() throws {
        let expected = ["java openjdk8: use java 8 -", "android 29: use android -"]
        #expect(try Self.select([("android", "29")]) == expected)
        #expect(try Self.select([("android", "29"), ("java", "openjdk8")]) == expected)
    }

    @Test(arguments: [
        (
            [("nodejs", "20")],
            "Unknown runtime version named '20' of nodejs. This build image has the following versions: 8, 10, 18"
        ),
        (
            [("nodejs", "9.x")],
            "Unknown runtime version named '9.x' of nodejs. This build image has the following versions: 8, 10, 18"
        ),
        (
            [("rust", "1")],
            "Unknown runtime named 'rust'. This build image has the following runtimes: android, java, nodejs, python"
        ),
        (
            [("android", "29"), ("java", "openjdk11")],
            "android version 29 requires java version openjdk8, but openjdk11 is selected"
        ),
    ])
    func `what the image has not is told in CodeBuild's words`(
        wanted: [(String, String)], message: String
    ) throws {
        let error = #expect(throws: PhaseFailure.self) { try Self.select(wanted) }
        #expect(error?.contexts == [.yamlFileError(message)])
    }

    @Test(arguments: [
        "", "[]", "runtimes: 1", "runtimes: {a: {versions: [1]}}", "runtimes: {a: {versions: {1: }}}",
        "runtimes: {a: {versions: {1: {commands: {x: y}, requires: [z]}}}}",
    ])
    func `a file of another shape offers nothing and is no trap`(text: String) throws {
        let catalog = try RuntimeCatalog(parsing: Array(text.utf8))
        #expect(catalog.languages.flatMap(\.versions).flatMap(\.commands).isEmpty)
    }

    @Test(arguments: [
        ("3.9", "3.10"), ("8", "18"), ("corretto8", "corretto11"), ("1.09", "1.10"), ("3", "3.1"),
        ("99999999999999999999", "100000000000000000000"),
    ])
    func `versions are in the order of their numbers`(lower: String, higher: String) {
        #expect(RuntimeVersionOrder.isLower(lower, higher))
        #expect(!RuntimeVersionOrder.isLower(higher, lower))
        #expect(!RuntimeVersionOrder.isLower(lower, lower))
    }
}
