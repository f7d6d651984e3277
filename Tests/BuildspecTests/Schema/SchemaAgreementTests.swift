import Buildspec
import Diagnostics
import SystemPackage
import TestSupport
import Testing

/// Decoder and schema have one source; this looks whether they also agree.
@Suite struct SchemaAgreementTests {
    private static let documentsPerSeed = 100

    /// Complaints of the decoder about parts of a file that CodeBuild ignores: the schema refuses them.
    private static let ignoring: Set<DiagnosticCode> = [.unknownKey, .misplacedKey, .tooManyEntries]

    /// Errors that no schema can find.
    private static let beyondSchemas: [DiagnosticCode: String] = [
        .unknownDependency: "a relation between values", .dependencyCycle: "a relation between values",
        .duplicateIdentifier: "a relation between values",
    ]

    @Test(arguments: 0..<6)
    func `decoder and schema accept generated files, and judge changed ones alike`(
        _ seed: UInt64
    ) async throws {
        var generator = DocumentGenerator(seed: seed)
        var texts: [String: String] = [:]
        for number in 0..<Self.documentsPerSeed {
            let document = generator.document()
            texts["valid-\(number)"] = document.text
            texts["changed-\(number)"] =
                document.mutated(at: generator.index(in: document), generator.mutation()).text
        }
        let verdicts = try await verdictsOfSchema(on: texts)
        for (name, text) in texts {
            let found = complaints(about: text)
            if name.hasPrefix("valid") { #expect(found == [], "\(text)") }
            if Self.isKnownDifference(text) { continue }
            // What only the decoder can find, it alone finds.
            let expressible = found.subtracting(Self.beyondSchemas.keys.map(\.rawValue))
            #expect(verdicts[name] == !expressible.isEmpty, "\(found): \(text)")
        }
        let refused = verdicts.values.filter { $0 }.count
        #expect(refused > Self.documentsPerSeed / 4, "the changes hardly matter")
    }

    /// Texts about which both differ, with the reason.
    private static func isKnownDifference(_ text: String) -> Bool {
        // An empty text where a number is needed: the decoder takes it for a missing one and says nothing.
        text.contains("\"parallelism\": \"\"")
    }

    /// Whether the schema refuses each of the texts.
    private func verdictsOfSchema(on texts: [String: String]) async throws -> [String: Bool] {
        var verdicts: [String: Bool] = [:]
        try await withScratchDirectory { scratch in
            let schema = try scratch.write(Buildspec.jsonSchema, to: "schema.json")
            let files = try texts.map { try scratch.write($0.value + "\n", to: $0.key + ".yml") }
            let refused = try await SchemaChecker().refusals(of: files, schema: schema)
            for file in files { verdicts[file.stem ?? ""] = refused.contains(file) }
        }
        return verdicts
    }

    /// The codes of the decoder's errors, and of its warnings about what is ignored.
    private func complaints(about text: String) -> Set<String> {
        let diagnostics = Buildspec.decode(Array(text.utf8)).diagnostics
        let isLost = { (diagnostic: Diagnostic) in
            Self.ignoring.contains { $0.rawValue == diagnostic.code }
                || diagnostic.code == DiagnosticCode.obsoleteKey.rawValue
                    && diagnostic.mend == "write `env` instead"
        }
        return Set(diagnostics.filter { $0.severity == .error || isLost($0) }.map(\.code))
    }
}
