import Diagnostics
import YAMLTree

/// The sections of a CloudFormation template that a project's properties can refer to.
struct Template: Sendable {
    /// One resource as written.
    struct Resource: Sendable {
        var logicalID: String
        var type: String
        /// The name of the condition under which it exists.
        var condition: String?
        var properties: YAMLNode?
        /// `aws:cdk:path` of its metadata.
        var constructPath: String?
        var range: SourceRange
    }

    var parameters: [String: YAMLNode] = [:]
    var mappings: [String: YAMLNode] = [:]
    var conditions: [String: YAMLNode] = [:]
    /// Every logical id.
    var logicalIDs: Set<String> = []
    /// The `AWS::CodeBuild::Project` resources, in the order of the text.
    var projects: [Resource] = []

    private static let projectType = "AWS::CodeBuild::Project"

    /// A template without anything in it.
    init() {}

    /// Reads the sections of a template's outermost map.
    init(_ root: YAMLMapping) {
        for section in root.entries {
            guard let name = section.key.scalar?.text, let content = section.value.mapping else { continue }
            switch name {
            case "Parameters": parameters = Self.named(content)
            case "Mappings": mappings = Self.named(content)
            case "Conditions": conditions = Self.named(content)
            case "Resources": readResources(content)
            default: break
            }
        }
    }

    private mutating func readResources(_ resources: YAMLMapping) {
        for entry in resources.entries {
            guard let id = entry.key.scalar?.text else { continue }
            logicalIDs.insert(id)
            guard let body = entry.value.mapping, body["Type"]?.scalar?.text == Self.projectType else {
                continue
            }
            projects.removeAll { $0.logicalID == id }
            projects.append(
                Resource(
                    logicalID: id, type: Self.projectType, condition: body["Condition"]?.scalar?.text,
                    properties: body["Properties"],
                    constructPath: body["Metadata"]?.mapping?["aws:cdk:path"]?.scalar?.text,
                    range: entry.key.range))
        }
    }

    private static func named(_ mapping: YAMLMapping) -> [String: YAMLNode] {
        var values: [String: YAMLNode] = [:]
        for entry in mapping.entries {
            if let name = entry.key.scalar?.text { values[name] = entry.value }
        }
        return values
    }
}
