import ArgumentParser
import BuildEngine
import BuildProject
import Buildspec
import Diagnostics
import FoundationEssentials
import Sandbox
import SystemPackage

/// `buildspec plan`.
struct PlanCommand: AsyncParsableCommand {
    /// `--format`.
    enum Format: String, OptionWord {
        case text
        case json
    }

    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Print what `run` would do, with every value's origin; runs nothing.",
        discussion: """
            Example:
              buildspec plan . --env STAGE=test
              buildspec plan . --project template.yaml#Build --parameter Stage=test
            """)

    @OptionGroup var source: SourceOptions
    @OptionGroup var sandbox: SandboxOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var aws: AWSOptions
    @OptionGroup var reporting: ReportingOptions
    @OptionGroup(title: "Log and event delivery") var delivery: DeliveryOptions

    @Option(help: "How the plan is printed.")
    var format: Format = .text

    func run() async throws {
        var request = try RunRequest(source, sandbox, output, aws, reporting)
        try request.deliver(delivery)
        let planner = try BuildPlanner(request, environment: RunnerEnvironment.current)
        let buildspec = try PlannedBuildspec.read(planner)
        let description = PlanDescription(planner, buildspec, root: await PlannedRoot(request))
        for warning in planner.remarks.warnings { Console.warning(warning) }
        switch format {
        case .text: Console.out(description.text)
        case .json: Console.out(try description.json())
        }
    }
}

/// The decisions of a plan as lines: a setting, its value, and where that came from.
struct PlanDescription: Sendable {
    /// One decision.
    struct Line: Sendable, Hashable, Codable {
        var setting: String
        var value: String
        var origin: String
    }

    let lines: [Line]

    /// Describes what a build of this request would do.
    ///
    /// Values of variables are not shown: they may be secrets.
    init(_ planner: BuildPlanner, _ buildspec: Buildspec?, root: PlannedRoot) {
        let request = planner.request
        let project = planner.project
        var lines = [
            Line(
                setting: "project", value: project.name,
                origin: Self.origin("name", project) ?? project.definition?.file ?? "name of the source"),
            Self.sourceLine(planner),
            Self.buildspecLine(planner),
            Line(
                setting: "sandbox", value: request.sandboxKind.rawValue,
                origin: request.sandbox == .auto
                    ? (request.container == nil ? "default" : "--image") : "--sandbox"),
            Line(setting: "root", value: root.value, origin: root.origin),
            Line(
                setting: "network", value: request.network.rawValue,
                origin: request.network == .host ? "default" : "--network"),
            Line(
                setting: "AWS credentials",
                value: request.lendsCredentials ? "lent to the build, renewed as needed" : "none",
                origin: request.lendsCredentials ? "--aws-credentials" : "default"),
            Self.outputLine(planner),
            Line(
                setting: "encryption", value: request.encryption.rawValue,
                origin: "--encryption or the output's default"),
            Line(
                setting: "timeout", value: "\(Self.minutes(planner)) minutes",
                origin: request.timeout == .seconds(3600)
                    ? "default"
                    : request.timeout != nil
                        ? "--timeout" : Self.origin("timeoutInMinutes", project) ?? "default"),
        ]
        lines += Self.lines(of: project, request)
        lines += Self.lines(of: request, planner.project)
        if let container = request.container { lines += Self.lines(of: container, project) }
        let overridden = request.variables.map(\.name) + project.environmentVariables.map(\.name)
        if let buildspec { lines += Self.lines(of: buildspec, overridden: overridden) }
        for variable in request.variables {
            lines.append(
                Line(setting: "variable \(variable.name)", value: "(set)", origin: "--env or --env-file"))
        }
        for secondary in planner.secondarySources {
            let isGiven = request.secondarySources.contains { $0.identifier == secondary.identifier }
            lines.append(
                Line(
                    setting: "secondary source \(secondary.identifier)", value: Self.text(secondary.source),
                    origin: isGiven ? "--secondary-source" : "--project-source"))
        }
        self.lines = lines
    }

    /// A line of text each.
    var text: String {
        lines.map { "\($0.setting): \($0.value)  (\($0.origin))\n" }.joined()
    }

    /// A JSON array of objects.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(lines), as: UTF8.self) + "\n"
    }

    private static func lines(of container: ContainerSettings, _ project: BuildProject) -> [Line] {
        let wanted = project.environment
        let image =
            container.image == wanted?.image ? origin("environment.image", project) : nil
        var lines = [
            Line("image", container.image, image ?? "--image"),
            Line(
                "engine", container.engine?.rawValue ?? "podman, else docker",
                container.engine == nil ? "default" : "--engine"),
        ]
        let remote = ImageName.remote(container.image, prefix: container.imagePrefix)
        if remote != container.image {
            lines.append(Line("image to fetch when missing", remote, image ?? "--image"))
        }
        if container.isPrivileged {
            let place = wanted?.privilegedMode == true ? origin("environment.privilegedMode", project) : nil
            lines.append(Line("privileged", "true", place ?? "--privileged"))
        }
        if let size = container.size {
            let isWanted = wanted?.computeType.flatMap(ComputeSize.named) == size
            let place = isWanted ? origin("environment.computeType", project) : nil
            lines.append(
                Line(
                    "memory", "\(size.gibibytes) GiB, \(size.processors) processors",
                    place ?? "--compute-type"))
        }
        if let socket = container.dockerSocket {
            lines.append(Line("docker socket", socket.string, "--docker-socket"))
        }
        return lines
    }

    /// What the buildspec decides; variables that the command line sets too are left to it.
    private static func lines(of buildspec: Buildspec, overridden: [String]) -> [Line] {
        var lines: [Line] = []
        let environment = buildspec.env
        for entry in environment.variables where !overridden.contains(entry.name.value) {
            lines.append(
                Line("variable \(entry.name.value)", "(set)", "env/variables, line \(entry.name.line)"))
        }
        for entry in environment.parameterStore where !overridden.contains(entry.name.value) {
            let origin = "env/parameter-store, line \(entry.name.line)"
            lines.append(Line("variable \(entry.name.value)", "parameter \(entry.value.value)", origin))
        }
        for entry in environment.secretsManager where !overridden.contains(entry.name.value) {
            let origin = "env/secrets-manager, line \(entry.name.line)"
            lines.append(Line("variable \(entry.name.value)", "secret \(entry.value.value.secretID)", origin))
        }
        lines.append(
            Line(
                "shell", environment.shell?.value ?? "sh", environment.shell == nil ? "default" : "env/shell")
        )
        for phase in buildspec.phases {
            let text = "\(phase.commands.count) commands, \(phase.finally.count) in finally"
            lines.append(Line("phase \(phase.name.value.rawValue)", text, "line \(phase.name.line)"))
        }
        if let artifacts = buildspec.artifacts {
            let files = artifacts.primary.files.map(\.value).joined(separator: ", ")
            if !files.isEmpty { lines.append(Line("artifact", files, "artifacts/files")) }
            for entry in artifacts.secondary {
                let files = entry.value.value.files.map(\.value).joined(separator: ", ")
                lines.append(Line("artifact \(entry.name.value)", files, "artifacts/secondary-artifacts"))
            }
        }
        return lines
    }

    private static func minutes(_ planner: BuildPlanner) -> Int64 {
        planner.request.timeout.map { $0.components.seconds / 60 } ?? Int64(planner.project.timeoutInMinutes)
    }

    private static func sourceLine(_ planner: BuildPlanner) -> Line {
        let isProjects = planner.request.project?.fetchesSources == true || planner.source.kind == .none
        return Line(
            setting: "source", value: text(planner.source), origin: isProjects ? "project" : "SOURCE")
    }

    private static func text(_ source: SourcePlan) -> String {
        if source.kind == .none { return "none" }
        guard let remote = source.remote else { return source.path.string }
        return remote.url + (remote.version.map { " version \($0)" } ?? "")
    }

    private static func buildspecLine(_ planner: BuildPlanner) -> Line {
        let origin =
            planner.request.buildspec != nil
            ? "--buildspec" : Self.origin("source.buildspec", planner.project) ?? "default"
        return switch planner.buildspec {
        case .defaultFile: Line(setting: "buildspec", value: "buildspec.yml", origin: "default")
        case .file(let path): Line(setting: "buildspec", value: path.string, origin: origin)
        case .object(let bucket, let key):
            Line(setting: "buildspec", value: "s3://\(bucket)/\(key)", origin: origin)
        case .inline(_, let name): Line(setting: "buildspec", value: name, origin: origin)
        }
    }

    private static func outputLine(_ planner: BuildPlanner) -> Line {
        switch planner.request.output {
        case .defaultDirectory:
            Line(setting: "output", value: planner.base.appending("artifacts").string, origin: "default")
        case .directory(let path): Line(setting: "output", value: path.string, origin: "--output")
        case .bucket(let name, let prefix):
            Line(
                setting: "output", value: "s3://\(name)" + (prefix.isEmpty ? "" : "/\(prefix)"),
                origin: "--output")
        }
    }
}

extension PlanDescription.Line {
    init(_ setting: String, _ value: String, _ origin: String) {
        self.init(setting: setting, value: value, origin: origin)
    }
}

extension Marked {
    fileprivate var line: Int { range.start.line }
}
