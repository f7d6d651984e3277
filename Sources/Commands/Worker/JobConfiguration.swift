import AWSClient
import BuildEngine
import BuildProject
import Buildspec
import FoundationEssentials
import Sandbox
import SystemPackage

/// A job's `actionConfiguration`, as that of CodePipeline's own CodeBuild action (behaviour reference, section 11.5), and
/// `Image`.
struct JobConfiguration: Sendable {
    /// `ProjectName`.
    var projectName: String?
    /// `BuildspecOverride`: inline text, a path in the primary source, or the ARN of an object.
    var buildspec: BuildspecLocation?
    /// `EnvironmentVariables`.
    var variables: [ProjectVariable]
    /// `PrimarySource`: the name of an input artifact.
    var primarySource: String?
    /// `Image`.
    var image: String?
    /// What the pipeline's owner should know about it.
    var remarks: [String] = []

    private static let known: Set<String> = [
        "ProjectName", "BuildspecOverride", "EnvironmentVariables", "PrimarySource", "Image", "BatchEnabled",
        "CombineArtifacts",
    ]

    /// Reads it.
    /// - Throws: ``JobFault``; no value is shown, because values may be secret.
    init(_ configuration: [String: String]) throws(JobFault) {
        func text(_ name: String) -> String? {
            configuration[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        for (name, value) in configuration.sorted(by: { $0.key < $1.key }) where value.utf8.contains(0) {
            throw .configuration("\(name): it holds a NUL character", hint: "write it without one")
        }
        projectName = text("ProjectName")
        primarySource = text("PrimarySource")
        image = text("Image")
        buildspec = text("BuildspecOverride").flatMap(BuildspecLocation.init(override:))
        variables = try text("EnvironmentVariables").map(Self.variables) ?? []
        if let image, !ImageName.isPlausible(image) {
            throw .configuration("Image: it is not an image's name", hint: "names look like alpine:3.20")
        }
        switch text("BatchEnabled")?.lowercased() {
        case "true":
            throw .configuration(
                "BatchEnabled: this build host runs no batch builds", hint: "set BatchEnabled to false")
        case "false", nil: break
        default:
            throw .configuration("BatchEnabled: it is neither true nor false", hint: "set it to false")
        }
        remarks = configuration.keys.filter { !Self.known.contains($0) }.sorted().map {
            "\($0) of the action's configuration has no effect: it is none of "
                + Self.known.sorted().joined(separator: ", ")
        }
    }

    private struct Entry: Decodable {
        var name: String
        var value: String
        var type: String?
        /// What else stands there: a `Type` that nobody read would make a secret's name its value.
        var others: [String]

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: MemberName.self)
            name = try container.decode(String.self, forKey: MemberName(stringValue: "name"))
            value = try container.decode(String.self, forKey: MemberName(stringValue: "value"))
            type = try container.decodeIfPresent(String.self, forKey: MemberName(stringValue: "type"))
            others = container.allKeys.map(\.stringValue)
                .filter { !["name", "value", "type"].contains($0) }.sorted()
        }
    }

    private static func variables(_ text: String) throws(JobFault) -> [ProjectVariable] {
        guard let entries = try? JSONDecoder().decode([Entry].self, from: Data(text.utf8)) else {
            throw .configuration(
                "EnvironmentVariables: it is no JSON list of name, value and type",
                hint: #"write it like [{"name":"STAGE","value":"test","type":"PLAINTEXT"}]"#)
        }
        var variables: [ProjectVariable] = []
        for entry in entries {
            guard ShellQuoting.isVariableName(entry.name) else {
                throw .configuration(
                    "EnvironmentVariables: \(entry.name) is no variable's name",
                    hint: "names have letters, digits and _, and begin with no digit")
            }
            guard entry.others.isEmpty else {
                throw .configuration(
                    "EnvironmentVariables: \(entry.name) has \(entry.others.joined(separator: ", "))",
                    hint: "a variable has name, value and type")
            }
            guard !entry.value.utf8.contains(0) else {
                throw .configuration("EnvironmentVariables: the value of \(entry.name) holds a NUL character")
            }
            guard let kind = ProjectVariable.Kind(rawValue: entry.type?.uppercased() ?? "PLAINTEXT") else {
                let known = ProjectVariable.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                throw .configuration(
                    "EnvironmentVariables: \(entry.name) has the type \(entry.type ?? "")",
                    hint: "the types are \(known)")
            }
            if kind == .secretsManager {
                do {
                    _ = try SecretReference(parsing: entry.value)
                } catch {
                    throw .configuration(
                        "EnvironmentVariables: \(entry.name) refers to no secret",
                        hint: "write secret-id, or secret-id:json-key:version-stage:version-id")
                }
            }
            variables.removeAll { $0.name == entry.name }
            variables.append(ProjectVariable(name: entry.name, value: entry.value, kind: kind))
        }
        return variables
    }
}

extension BuildspecLocation {
    /// Inline text, a path in the primary source, or the ARN of an object; nil for nothing.
    init?(override text: String) {
        switch ProjectBuildspec(text) {
        case .inline(let text): self = .inline(text: Array(text.utf8), name: "BuildspecOverride")
        case .path(let path): self = .file(FilePath(path))
        case .object(let bucket, let key): self = .object(bucket: bucket, key: key)
        case nil: return nil
        }
    }
}
