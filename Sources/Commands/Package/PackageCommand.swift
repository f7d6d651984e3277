import ArgumentParser
import Packaging

/// `buildspec package`.
struct PackageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "package", abstract: "Make the files that deploy actions take.",
        discussion: """
            Example:
              buildspec package lambda src -o function.zip
            """,
        subcommands: [
            PackageLambdaCommand.self, PackageTemplateCommand.self, PackageImageDefinitionsCommand.self,
            PackageImageDetailCommand.self,
        ])
}

extension CommandFailure {
    /// A package that could not be made: wrong arguments are the caller's, files that cannot be written the runner's.
    init(_ error: PackagingError) {
        switch error.code {
        case .unwritable: self.init(.runner, error.description, hint: error.hint)
        case .unsuitableFile, .unsuitableRules, .noFiles, .secretFile, .badHandler, .packageTooLarge,
            .wrongArchitecture:
            self.init(.failed, error.description, hint: error.hint)
        case .archivingFailed: self.init(.runner, error.description, hint: error.hint)
        default: self.init(.usage, error.description, hint: error.hint)
        }
    }
}
