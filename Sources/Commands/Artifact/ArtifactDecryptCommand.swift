import ArgumentParser
import SystemPackage

/// `buildspec artifact decrypt`.
struct ArtifactDecryptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decrypt",
        abstract: "Decrypt a client-side encrypted artifact.",
        discussion: """
            Any message of the AWS Encryption SDK can be decrypted. The file appears when the whole message, its
            signature included, is verified; not before, and not in part.

            Example:
              buildspec artifact decrypt app.zip.enc -o app.zip
              buildspec artifact decrypt app.zip.enc -o app.zip --account 111122223333 \\
                --encryption-context codebuild-project=app
            """)

    @Argument(help: "The encrypted file; - reads standard input.")
    var file: String

    @Option(name: .shortAndLong, help: "The decrypted file; replaced if there is one.")
    var output: String

    @OptionGroup(title: "Encryption")
    var opening: OpeningOptions
    @OptionGroup var aws: AWSOptions

    func run() async throws {
        let environment = RunnerEnvironment.current
        guard output != "-" else {
            throw CommandFailure.usage(
                "--output -: nothing is given out before the signature at the end of a message is verified",
                hint: "give a file")
        }
        let opener = ArtifactOpener(
            request: try opening.request(environment), environment: environment, aws: AWSRequest(aws),
            scratch: "/")
        let source = file == "-" ? "/dev/stdin" : environment.absolute(file)
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
