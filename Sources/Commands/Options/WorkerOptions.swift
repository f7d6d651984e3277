import ArgumentParser

/// Whose jobs a worker takes, and where it keeps what it knows.
struct WorkerOptions: ParsableArguments {
    @Option(help: "The provider of the custom action, as CodePipeline knows it.")
    var provider: String

    @Option(help: "The version of the custom action.")
    var actionVersion: String

    @Option(help: "Builds at a time (default: the number of cores).")
    var concurrency: Int?

    @Option(
        help: ArgumentHelp(
            "Project definitions: a job's ProjectName selects DIR/<ProjectName>.json, .yaml or .yml.",
            discussion: "Without it the input's own buildspec.yml runs with default settings.",
            valueName: "dir"))
    var projects: String?

    @Option(
        help: ArgumentHelp(
            "Journal of claimed jobs, logs and records.",
            discussion: "Default: $STATE_DIRECTORY, else ~/.local/state/buildspec.", valueName: "dir"))
    var stateDir: String?

    @Option(
        help: ArgumentHelp(
            "Serve /healthz, /readyz and /metrics there (default: off).", valueName: "host:port"))
    var listen: String?
}

/// When a worker stops by itself.
struct WorkerEndOptions: ParsableArguments {
    @Flag(help: "Stop after one job.")
    var once = false

    @Option(help: "Stop after so many jobs.")
    var maxJobs: Int?

    @Option(help: "Stop when there was no job for so many seconds.")
    var idleTimeout: Double?
}

/// What jobs get whose project does not say.
struct JobDefaultOptions: ParsableArguments {
    @Option(help: "Where commands run (auto: container with an image, else bubblewrap).")
    var sandbox: SandboxOptions.Choice = .auto

    @Option(help: "The image of jobs whose project names none.")
    var image: String?

    @Option(help: "The builds' network: the host's own, or none.")
    var network: SandboxOptions.Network = .host

    @Option(help: "Minutes until a build is ended whose project does not say (default: 60).")
    var timeout: Double?
}
