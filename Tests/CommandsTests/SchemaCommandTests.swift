import TestSupport
import Testing

@Suite struct SchemaCommandTests {
    @Test func `prints a schema that the schema of schemas accepts`() async throws {
        let outcome = try await Program.buildspec().run(Program.Invocation(["schema"]))
        #expect(outcome.status == 0)
        #expect(outcome.standardError == "")
        #expect(outcome.standardOutput.hasPrefix("{\n  \"$schema\": "))
        #expect(outcome.standardOutput.hasSuffix("\n}\n"))
        try await withScratchDirectory { scratch in
            let schema = try scratch.write(outcome.standardOutput, to: "buildspec.schema.json")
            let verdict = try await SchemaChecker().check(schema: schema)
            #expect(verdict.status == 0, "\(verdict)")
        }
    }

    @Test func `prints the same text every time`() async throws {
        let first = try await Program.buildspec().run(Program.Invocation(["schema"]))
        let second = try await Program.buildspec().run(Program.Invocation(["schema"]))
        #expect(first.standardOutput == second.standardOutput)
    }
}
