import ArgumentParser
import SystemPackage

/// `buildspec artifact decrypt`.
struct ArtifactDecryptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decrypt",
        abstract: "Decrypt a client-side encrypted artifact.",
        discussion: """
            Example:
              buildspec artifact decrypt app.zip.enc -o app.zip
            """)

    @Argument(help: "The encrypted file.")
    var file: String

    @Option(name: .shortAndLong, help: "The decrypted file.")
    var output: String

    @OptionGroup var key: OpeningKeyOptions
    @OptionGroup var aws: AWSOptions

    func run() async throws {
        let environment = RunnerEnvironment.current
        let opener = ArtifactOpener(
            key: try key.path(environment), environment: environment, aws: AWSRequest(aws), scratch: "/")
        let source = environment.absolute(file)
        let target = environment.absolute(output)
        let (result, signal) = await Interruption.watch { () -> Result<Void, CommandFailure> in
            do throws(CommandFailure) {
                try await opener.decrypt(source, to: target)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        if let signal { throw CommandFailure(signal: signal) }
        try result.get()
    }
}
