import Buildspec
import SystemPackage
import TestSupport
import Testing

/// The schema's verdict on the files of `Cases`, as `check-jsonschema` gives it.
@Suite struct SchemaCaseTests {
    /// Refused by the decoder and not by the schema.
    private static let beyondSchemas = [
        "utf16": "a schema sees no bytes, and the checker reads UTF-16",
        "retry-pattern": "a schema cannot compile the expression in a text",
    ]

    /// Files on which the checker itself fails.
    private static let beyondTheChecker = [
        "self-reference": "the checker follows the circle until its stack is full"
    ]

    /// Accepted by the decoder with a warning, refused by the schema because CodeBuild would ignore a part of the
    /// file; the rest of the warned files is accepted.
    private static let withIgnoredParts = [
        "misplaced-keys": "keys that are ignored where they are",
        "misspelt-keys": "unknown keys",
        "old-keys": "variables under a name that version 0.2 does not know",
        "without-effect": "more entries than count, and a misplaced key",
        "duplicate-keys": "YAML 1.2 forbids them: the checker's parser gives up",
        "second-document": "the checker's parser gives up",
        "trailing-bracket": "the checker's parser gives up",
        "tags": "the checker's parser does not know the tags",
    ]

    @Test(arguments: BehaviourCase.Verdict.allCases)
    func `judges files as decoding does`(_ verdict: BehaviourCase.Verdict) async throws {
        let cases = BehaviourCase.all.filter {
            $0.verdict == verdict && Self.beyondTheChecker[$0.name] == nil
        }
        let expected: [String] =
            switch verdict {
            case .accepted: []
            case .warned: cases.map(\.name).filter { Self.withIgnoredParts[$0] != nil }
            case .refused: cases.map(\.name).filter { Self.beyondSchemas[$0] == nil }
            }
        try await withScratchDirectory { scratch in
            let schema = try scratch.write(Buildspec.jsonSchema, to: "schema.json")
            let files = try cases.map { try scratch.write($0.text, to: $0.name + ".yml") }
            let refused = try await SchemaChecker().refusals(of: files, schema: schema)
            #expect(refused.compactMap(\.stem).sorted() == expected.sorted())
        }
    }

    @Test func `the lists of exceptions name files that exist`() {
        let names = Set(BehaviourCase.all.map(\.name))
        let exceptions = [Self.beyondSchemas, Self.beyondTheChecker, Self.withIgnoredParts].flatMap(\.keys)
        #expect(exceptions.filter { !names.contains($0) } == [])
    }

    @Test func `accepts files as YAML 1.1 reads them, where yes is true and 0123 is 83`() async throws {
        let script = """
            import json, sys, yaml, jsonschema
            schema = json.load(open(sys.argv[1]))
            for name in sys.argv[2:]:
                document = yaml.safe_load(open(name, encoding="utf-8-sig"))
                for error in jsonschema.Draft202012Validator(schema).iter_errors(document):
                    print(name, error.json_path, error.message)
            """
        let cases = BehaviourCase.all.filter { $0.verdict == .accepted }
        try await withScratchDirectory { scratch in
            let schema = try scratch.write(Buildspec.jsonSchema, to: "schema.json")
            let files = try cases.map { try scratch.write($0.text, to: $0.name + ".yml") }
            #expect(files.count >= 8)
            let said = try await PythonEnvironment().run(script, arguments: ([schema] + files).map(\.string))
            #expect(said == "")
        }
    }
}
