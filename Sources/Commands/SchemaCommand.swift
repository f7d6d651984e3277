import ArgumentParser
import Buildspec

/// `buildspec schema`.
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of buildspec files, for editors and generic checkers.",
        discussion: """
            Example:
              buildspec schema > buildspec.schema.json
            """)

    func run() throws {
        try Console.print(Array(Buildspec.jsonSchema.utf8))
    }
}
