import ArgumentParser

/// `buildspec artifact`.
struct ArtifactCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "artifact", abstract: "Open, decrypt and encrypt artifacts.",
        discussion: """
            Example:
              buildspec artifact open .buildspec/artifacts/app.zip.enc -o out
            """,
        subcommands: [ArtifactOpenCommand.self, ArtifactDecryptCommand.self, ArtifactEncryptCommand.self])
}
