import FoundationEssentials
package import SystemPackage

/// The `check-jsonschema` of the project's own test environment, as CI jobs run it.
package struct SchemaChecker: Sendable {
    private let program: Program

    /// Finds the program.
    ///
    /// - Throws: a failure when nobody has run `make setup` since it is needed.
    package init() throws {
        let path = try PythonEnvironment().tool("check-jsonschema")
        guard FileManager.default.isExecutableFile(atPath: path.string) else {
            throw PythonEnvironment.Failure(description: "\(path) is missing: run `make setup` first")
        }
        program = Program(path)
    }

    /// Checks a schema against the schema of schemas.
    package func check(schema: FilePath) async throws -> Program.Outcome {
        try await program.run(Program.Invocation(["--check-metaschema", schema.string]))
    }

    /// Which of some files a schema refuses, files that are no YAML included.
    ///
    /// - Throws: a failure when the program itself fails.
    package func refusals(of files: [FilePath], schema: FilePath) async throws -> Set<FilePath> {
        let report = try await report(on: files, schema)
        var refused = Set(report.errors.map { FilePath($0.filename) })
        // Its YAML parser remembers the last error and then stumbles over the next file: look at each alone.
        for failure in report.unreadable ?? [] {
            let file = FilePath(failure.filename)
            let alone = files.count == 1 ? report : try await self.report(on: [file], schema)
            if alone.status != "ok" { refused.insert(file) }
        }
        return refused
    }

    private func report(on files: [FilePath], _ schema: FilePath) async throws -> Report {
        let arguments = ["--output-format", "json", "--schemafile", schema.string] + files.map(\.string)
        let outcome = try await program.run(Program.Invocation(arguments))
        do {
            return try JSONDecoder().decode(Report.self, from: Data(outcome.standardOutput.utf8))
        } catch {
            throw Program.Failure(description: "check-jsonschema: \(outcome.standardError.suffix(2_000))")
        }
    }
}

/// What `check-jsonschema --output-format json` prints.
private struct Report: Decodable {
    struct Failure: Decodable {
        var filename: String
    }

    var status: String
    var errors: [Failure]
    var unreadable: [Failure]?

    enum CodingKeys: String, CodingKey {
        case status
        case errors
        case unreadable = "parse_errors"
    }
}
