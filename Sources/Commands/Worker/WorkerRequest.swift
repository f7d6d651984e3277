import AWSClient
import BuildEngine
import FoundationEssentials
import Glibc
import Operations
import PipelineWorker
import Sandbox
import SystemPackage

/// What a worker was asked for: the arguments as one value, checked against each other.
struct WorkerRequest: Sendable {
    /// Whose jobs.
    var actionType: BuildActionType
    /// How many at a time, and when to stop.
    var rules: WorkerSchedule.Rules
    /// Project definitions; nil when jobs bring all that is known of them.
    var projects: FilePath?
    /// Journal, logs and records.
    var state: FilePath
    /// What jobs get whose project does not say.
    var defaults: JobDefaults
    /// Where operators are answered; nil for nowhere.
    var listen: ListenAddress?

    /// Makes a request of the options.
    /// - Throws: ``CommandFailure`` with status `usage` when options are malformed or contradict each other.
    init(
        _ options: WorkerOptions, _ ends: WorkerEndOptions, _ defaults: JobDefaultOptions,
        _ environment: RunnerEnvironment
    ) throws(CommandFailure) {
        guard let type = BuildActionType(provider: options.provider, version: options.actionVersion) else {
            throw .usage(
                "--provider \(options.provider) --action-version \(options.actionVersion): no custom action has such a name",
                hint: "letters, digits, _ and -: up to 35 in the provider's name, up to 9 in the version")
        }
        actionType = type
        rules = try Self.rules(options.concurrency, ends)
        projects = try options.projects.map { (text) throws(CommandFailure) in
            try Self.directory(text, environment)
        }
        state = try Self.state(options.stateDir, environment)
        self.defaults = try JobDefaults(defaults, environment)
        listen = try options.listen.map { (text) throws(CommandFailure) in
            do throws(ListenFailure) {
                return try ListenAddress(text)
            } catch {
                throw CommandFailure(listen: error)
            }
        }
    }

    private static func rules(
        _ concurrency: Int?, _ ends: WorkerEndOptions
    ) throws(CommandFailure) -> WorkerSchedule.Rules {
        let builds = concurrency ?? ProcessInfo.processInfo.activeProcessorCount
        guard (1...1000).contains(builds) else {
            throw .usage("--concurrency \(builds): expected 1 to 1000")
        }
        var rules = WorkerSchedule.Rules(concurrency: builds)
        if ends.once {
            guard ends.maxJobs == nil else {
                throw .usage("--once: contradicts --max-jobs", hint: "leave one of them out")
            }
            rules.maximumJobs = 1
        }
        if let jobs = ends.maxJobs {
            guard jobs >= 1 else { throw .usage("--max-jobs \(jobs): expected 1 or more") }
            rules.maximumJobs = jobs
        }
        if let seconds = ends.idleTimeout {
            guard seconds.isFinite, seconds > 0, seconds <= 1e7 else {
                throw .usage("--idle-timeout \(seconds): expected seconds, more than 0 and at most 10000000")
            }
            rules.idleLimit = .milliseconds(Int64(seconds * 1000))
        }
        return rules
    }

    private static func directory(
        _ text: String, _ environment: RunnerEnvironment
    ) throws(CommandFailure) -> FilePath {
        let path = environment.absolute(text)
        var status = stat()
        guard stat(path.string, &status) == 0 else {
            throw .usage("--projects \(text): \(Errno(rawValue: errno).description)")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw .usage(
                "--projects \(text): it is not a directory",
                hint: "name the directory that has one file for each ProjectName")
        }
        guard access(path.string, R_OK | X_OK) == 0 else {
            throw .usage("--projects \(text): \(Errno(rawValue: errno).description)")
        }
        return path
    }

    private static func state(
        _ text: String?, _ environment: RunnerEnvironment
    ) throws(CommandFailure) -> FilePath {
        if let text {
            guard !text.isEmpty else { throw .usage("--state-dir: expected a directory") }
            return environment.absolute(text)
        }
        // systemd separates several directories by colons.
        let given = environment.variables["STATE_DIRECTORY"]?.split(separator: ":").first.map(String.init)
        if let given, given.hasPrefix("/") { return FilePath(given) }
        guard let home = environment.variables["HOME"], home.hasPrefix("/") else {
            throw .usage(
                "--state-dir: neither STATE_DIRECTORY nor HOME says where the state is kept",
                hint: "give --state-dir DIR")
        }
        return FilePath(home).pushing(".local/state/buildspec")
    }
}

/// What jobs get whose project does not say.
struct JobDefaults: Sendable {
    /// `--sandbox`.
    var sandbox: SandboxOptions.Choice
    /// `--image`.
    var image: String?
    /// `--network`.
    var network: SandboxConfiguration.Network
    /// `--timeout`.
    var timeout: Duration?

    /// Checks the options.
    /// - Throws: ``CommandFailure`` with status `usage` when they contradict each other.
    init(_ options: JobDefaultOptions, _ environment: RunnerEnvironment) throws(CommandFailure) {
        sandbox = options.sandbox
        image = options.image
        network = options.network == .none ? .none : .host
        if let image {
            guard sandbox == .auto || sandbox == .container else {
                throw .usage(
                    "--image: contradicts --sandbox \(sandbox.rawValue)", hint: "leave one of them out")
            }
            guard ImageName.isPlausible(image) else {
                throw .usage(
                    "--image \(image): it is not an image's name", hint: "names look like alpine:3.20")
            }
        }
        if sandbox == .host, network == .none {
            throw .usage(
                "--network none: the host sandbox cannot take the network away",
                hint: "use --sandbox bubblewrap")
        }
        timeout = try options.timeout.map(RunRequest.timeout)
    }
}
