import BuildProject
import Diagnostics
import Glibc
import SystemPackage

/// `--project` and what belongs to it, read.
struct ProjectRequest: Sendable {
    /// The project.
    var project: BuildProject
    /// Whether its own sources are fetched.
    var fetchesSources: Bool
    /// Whether artifacts go to its own buckets.
    var storesInBuckets: Bool
    /// Whether its S3 cache is kept where it says.
    var sharesCache: Bool
    /// Whether the log goes to where its `logsConfig` says.
    var deliversLogs: Bool
    /// Whether its service role is assumed.
    var assumesRole: Bool

    /// Reads the project that the options name; nil when they name none.
    /// - Throws: ``CommandFailure`` with status `usage` when it cannot be read.
    static func read(
        _ options: ProjectOptions, region: String, _ environment: RunnerEnvironment
    ) throws(CommandFailure) -> ProjectRequest? {
        guard let argument = options.project else {
            if let option = options.givenWithoutProject {
                throw .usage("\(option): it needs a project", hint: "add --project FILE[#NAME]")
            }
            return nil
        }
        let (file, name) = split(argument, environment)
        var inputs = TemplateInputs()
        inputs.parameters = try values(options.parameters, option: "--parameter")
        inputs.resourceValues = try values(options.resourceValues, option: "--resource-value")
        inputs.region = region
        inputs.stackName = stem(file)
        var status = stat()
        if stat(file, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            throw .usage(
                "--project \(file): it is a directory",
                hint: "name one of its templates, such as \(file)/STACK.template.json")
        }
        let text = try SmallInputFile.read(environment.absolute(file), option: "--project")
        let overrides = try overrides(options.projectOverrides, environment)
        let use = options.use
        do throws(ProjectFailure) {
            let project = try ProjectDocument(text, file: file)
                .project(named: name, inputs, overrides: overrides)
            return ProjectRequest(
                project: project, fetchesSources: use.projectSource,
                storesInBuckets: use.projectOutput, sharesCache: use.projectCache,
                deliversLogs: use.projectLogs, assumesRole: use.projectRole)
        } catch {
            throw refusal(error, file)
        }
    }

    private static func overrides(
        _ file: String?, _ environment: RunnerEnvironment
    ) throws(CommandFailure) -> ProjectOverrides? {
        guard let file else { return nil }
        // As the AWS CLI writes it.
        let path = file.hasPrefix("file://") ? String(file.dropFirst(7)) : file
        let text = try SmallInputFile.read(environment.absolute(path), option: "--project-overrides")
        do throws(ProjectFailure) {
            return try ProjectOverrides(text, file: path)
        } catch {
            throw refusal(error, path)
        }
    }

    private static func refusal(_ error: ProjectFailure, _ file: String) -> CommandFailure {
        let place = error.range.map { ":\($0.start.line):\($0.start.column)" } ?? ""
        let option = error.file == nil ? "--project" : "--project-overrides"
        return .usage("\(option) \(error.file ?? file)\(place): \(error.message)", hint: error.hint)
    }

    /// `FILE#NAME`; a file's own name may hold the sign.
    private static func split(
        _ argument: String, _ environment: RunnerEnvironment
    ) -> (file: String, name: String?) {
        guard access(environment.absolute(argument).string, F_OK) != 0,
            let sign = argument.lastIndex(of: "#"), sign != argument.startIndex
        else { return (argument, nil) }
        let name = argument[sign...].dropFirst()
        return (String(argument[..<sign]), name.isEmpty ? nil : String(name))
    }

    /// What `AWS::StackName` is taken to be: the file's name up to its first period.
    private static func stem(_ file: String) -> String {
        let name = FilePath(file).lastComponent?.string ?? "project"
        let letters = name.prefix { $0 != "." }.map { character -> Character in
            character.isASCII && (character.isLetter || character.isNumber) ? character : "-"
        }
        return letters.isEmpty ? "project" : String(letters)
    }

    private static func values(
        _ arguments: [String], option: String
    ) throws(CommandFailure) -> [String: String] {
        var values: [String: String] = [:]
        for argument in arguments {
            guard let equals = argument.unicodeScalars.firstIndex(of: "="),
                equals != argument.unicodeScalars.startIndex
            else { throw .usage("\(option): expected NAME=VALUE") }
            let name = String(argument[..<equals])
            guard values[name] == nil else { throw .usage("\(option) \(name): it is given twice") }
            values[name] = String(argument.unicodeScalars[equals...].dropFirst())
        }
        return values
    }
}

extension ProjectOptions {
    /// The options that make no sense without a project, as far as they are given.
    fileprivate var givenWithoutProject: String? {
        if !parameters.isEmpty { return "--parameter" }
        if !resourceValues.isEmpty { return "--resource-value" }
        if projectOverrides != nil { return "--project-overrides" }
        if use.projectSource { return "--project-source" }
        if use.projectOutput { return "--project-output" }
        if use.projectCache { return "--project-cache" }
        if use.projectLogs { return "--project-logs" }
        return use.projectRole ? "--project-role" : nil
    }
}
