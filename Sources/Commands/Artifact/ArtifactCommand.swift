import ArgumentParser

/// `buildspec artifact`.
struct ArtifactCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "artifact", abstract: "Open and decrypt artifacts.",
        discussion: """
            Example:
              buildspec artifact open .buildspec/artifacts/app.zip.enc -o out
            """,
        subcommands: [ArtifactOpenCommand.self, ArtifactDecryptCommand.self])
}
