import BuildProject
import Diagnostics
import Foundation
import Testing

/// A folder of `Cases`: a definition (`project.json` or `template.yaml` and their like), what the command line says about it
/// (`arguments`, one a line), and what it comes to (`expected.txt`).
///
/// After a deliberate change run the tests with `RECORD_CASES=1`, which writes the expectations anew, and read the difference.
struct ProjectCase: Sendable, CustomTestStringConvertible {
    var folder: URL

    var testDescription: String { folder.lastPathComponent }

    static var all: [ProjectCase] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Cases")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
        return names.sorted().map { ProjectCase(folder: root.appending(path: $0)) }
    }

    var expectation: URL { folder.appending(path: "expected.txt") }

    /// What the definition comes to, as lines.
    func outcome() throws -> String {
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        guard let file = files.first(where: { $0.hasPrefix("template.") || $0.hasPrefix("project.") }) else {
            return "there is no definition\n"
        }
        var inputs = TemplateInputs()
        inputs.region = "eu-central-1"
        inputs.stackName = "template"
        var name: String?
        let arguments = (try? String(contentsOf: folder.appending(path: "arguments"), encoding: .utf8)) ?? ""
        for line in arguments.split(separator: "\n") {
            if line.hasPrefix("#") { name = String(line.dropFirst()) }
            let words = line.split(separator: " ", maxSplits: 1).map(String.init)
            guard words.count == 2, let equals = words[1].firstIndex(of: "=") else { continue }
            let value = String(words[1][words[1].index(after: equals)...])
            if words[0] == "--parameter" { inputs.parameters[String(words[1][..<equals])] = value }
            if words[0] == "--resource-value" { inputs.resourceValues[String(words[1][..<equals])] = value }
        }
        let text = Array(try Data(contentsOf: folder.appending(path: file)))
        do throws(ProjectFailure) {
            let document = try ProjectDocument(text, file: file)
            return ProjectLines(try document.project(named: name, inputs)).text
        } catch {
            let place = error.range.map { ":\($0.start.line)" } ?? ""
            return "refused\(place): \(error.message)\n" + (error.hint.map { "  hint: \($0)\n" } ?? "")
        }
    }
}

/// A project as lines, a setting each.
struct ProjectLines {
    private(set) var text = ""

    init(_ project: BuildProject) {
        add("name", project.name)
        add("description", project.description)
        add("serviceRole", project.serviceRole)
        add("encryptionKey", project.encryptionKey)
        add("timeoutInMinutes", project.timeoutInMinutes)
        add("account", project.account)
        if let source = project.source { add("source", source) }
        for source in project.secondarySources { add("secondarySources", source) }
        add("artifacts", project.artifacts)
        for artifacts in project.secondaryArtifacts ?? [] { add("secondaryArtifacts", artifacts) }
        if let environment = project.environment {
            add("environment.type", environment.type)
            add("environment.image", environment.image)
            add("environment.computeType", environment.computeType)
            add("environment.privilegedMode", environment.privilegedMode)
        }
        for variable in project.environmentVariables {
            add("variable \(variable.name) (\(variable.kind.rawValue))", variable.value)
        }
        if let cache = project.cache {
            add(
                "cache",
                "\(cache.kind.rawValue) \(cache.location ?? "") \(cache.modes) \(cache.namespace ?? "")")
        }
        if let logs = project.logsConfig {
            add("logs", "\(logs.sendsToCloudWatch) \(logs.groupName ?? "-") \(logs.streamName ?? "-")")
            add("s3 logs", "\(logs.sendsToS3) \(logs.s3Location ?? "-") \(logs.isS3EncryptionDisabled)")
        }
        for value in project.hiddenValues { add("hidden", value) }
        guard let definition = project.definition else { return }
        for item in definition.unknown {
            let line = item.value.range.start.line
            add(
                "unknown \(item.field)",
                "\(item.value.expression), line \(line), \(item.value.option ?? "no option")")
        }
        for remark in definition.remarks {
            let place = remark.range.map { ", line \($0.start.line)" } ?? ""
            add("remark \(remark.field)\(place)\(remark.isQuiet ? " (quiet)" : "")", remark.message)
        }
        for (name, value) in definition.assumptions.sorted(by: { $0.key < $1.key }) {
            add("assumed \(name)", value)
        }
    }

    private mutating func add(_ name: String, _ source: ProjectSource) {
        add(name, "\(source.kind.rawValue) \(source.location ?? "-") \(source.identifier ?? "")")
        if source.gitCloneDepth > 0 { add("\(name) depth", source.gitCloneDepth) }
        if source.fetchesSubmodules { add("\(name) submodules", true) }
        if source.isInsecure { add("\(name) insecure", true) }
        add("\(name) version", source.version)
        switch source.buildspec {
        case .inline(let text): add("\(name) buildspec", "inline\n\(text)")
        case .path(let path): add("\(name) buildspec", "path \(path)")
        case .object(let bucket, let key): add("\(name) buildspec", "s3 \(bucket) \(key)")
        case nil: break
        }
    }

    private mutating func add(_ name: String, _ artifacts: ProjectArtifacts) {
        let access = artifacts.bucketOwnerAccess?.rawValue ?? "-"
        add(
            name,
            "\(artifacts.kind.rawValue) \(artifacts.location ?? "-") path=\(artifacts.path) "
                + "name=\(artifacts.name) \(artifacts.namespaceType.rawValue) \(artifacts.packaging.rawValue) "
                + "override=\(artifacts.overrideArtifactName) plain=\(artifacts.encryptionDisabled) "
                + "access=\(access) \(artifacts.artifactIdentifier ?? "")")
    }

    private mutating func add(_ name: String, _ value: some CustomStringConvertible) {
        text += "\(name): \(value)\n"
    }

    private mutating func add(_ name: String, _ value: String?) {
        if let value { text += "\(name): \(value)\n" }
    }
}
