import AWSClient
import Archiving
package import ArgumentParser
import Glibc
import Sandbox

/// The command line: `buildspec <command>`.
package struct BuildspecTool: AsyncParsableCommand {
    /// Names and commands.
    package static let configuration = CommandConfiguration(
        commandName: "buildspec",
        abstract: "Run AWS CodeBuild buildspec files anywhere, exactly as CodeBuild would.",
        discussion: """
            Example:
              buildspec run .                      run ./buildspec.yml in a sandbox
              buildspec validate buildspec.yml     check a buildspec
              buildspec artifact open .buildspec/artifacts/app.zip.enc -o out
            """,
        version: BuildspecVersion.current,
        subcommands: [
            RunCommand.self, ValidateCommand.self, PlanCommand.self, PackageCommand.self,
            ArtifactCommand.self,
            SchemaCommand.self, WorkerCommand.self, DoctorCommand.self, DebugCommand.self,
            ServeShellsCommand.self,
            GitCredentialCommand.self,
        ])

    /// Makes the command; the parser fills it.
    package init() {}
}

/// The version of this program.
enum BuildspecVersion {
    static let current = "0.1.0"
}

extension BuildspecTool {
    /// Parses the arguments, runs the command, and ends the process with the status of the contract.
    package static func run() async -> Never {
        ProcessSetup.prepare()
        let arguments = CommandLine.arguments.dropFirst()
        do {
            if arguments.starts(with: ["package", "template"]) {
                AWSTransport.useOnlyLoop()
                // Beside the first thread, which reads arguments and settings meanwhile.
                _ = WorkerThread { AWSTransport.beginLoops() }
                if let request = TemplateRequest(plain: arguments) {
                    await conclude(with: try request.begin())
                }
            }
            beginAhead(arguments)
            var command = try parse(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            exit(with: .success)
        } catch {
            exit(with: CommandFailure.report(error))
        }
    }

    /// Runs the rest of a command, and ends the process, on whatever thread that is.
    ///
    /// The first thread sleeps by then: to go on there, the runtime starts one more.
    @concurrent private static func conclude(
        with rest: @Sendable () async throws(CommandFailure) -> Void
    ) async -> Never {
        do throws(CommandFailure) {
            try await rest()
            exit(with: .success)
        } catch {
            exit(with: CommandFailure.report(error))
        }
    }

    /// The parser takes milliseconds: meanwhile begins what a command needs whatever its arguments are.
    private static func beginAhead(_ arguments: ArraySlice<String>) {
        if arguments.first == RunCommand.configuration.commandName {
            // Nearly all builds have the network, and those that have not lose nothing.
            LayersAhead.shared.begin(network: .host)
        } else if arguments.starts(with: ["package", "template"]) {
            AWSTransport.beginAhead()
        }
    }

    /// Parses the arguments by the command they name, alone.
    ///
    /// To look through its parents too, as the parser does, takes as long again. That is left for arguments that are wrong,
    /// or ask for help: nobody waits for a message, and it tells of all commands.
    /// - Throws: What the parser throws.
    private static func parse(_ arguments: ArraySlice<String>) throws -> any ParsableCommand {
        var command: any ParsableCommand.Type = self
        var rest = arguments
        while let word = rest.first,
            let child = command.configuration.subcommands.first(where: {
                $0.configuration.commandName == word
            })
        {
            command = child
            rest.removeFirst()
        }
        // A request for help is parsed as a command of the parser's own.
        if let parsed = try? command.parseAsRoot(Array(rest)), type(of: parsed) == command { return parsed }
        return try parseAsRoot(Array(arguments))
    }

    private static func exit(with status: ExitCode) -> Never {
        Console.flush()
        Glibc.exit(status.rawValue)
    }
}
