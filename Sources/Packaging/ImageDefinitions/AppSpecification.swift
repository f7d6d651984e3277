import Diagnostics
import YAMLTree

/// Checks of CodeDeploy's AppSpec files for ECS services and Lambda functions; of those for instances only the version.
///
/// Source: AWS CodeDeploy user guide, "AppSpec 'resources' section", which writes names of keys with capitals and without.
enum AppSpecification {
    /// What is wrong with a file in JSON; nothing when it is fine.
    static func problems(inJSON bytes: [UInt8]) -> [String] {
        do throws(JSONSyntax.Fault) {
            try JSONSyntax.check(bytes)
        } catch {
            return [error.description]
        }
        guard let root = JSONTree.read(bytes, limits: limits) else { return ["it is no map"] }
        return problems(in: root)
    }

    /// What is wrong with a file; nothing when it is fine.
    static func problems(in bytes: [UInt8]) -> [String] {
        let document: YAMLDocument
        do throws(YAMLError) {
            document = try YAMLDocument(parsing: bytes)
        } catch {
            return ["line \(error.range.start.line): \(error.problem)"]
        }
        guard let root = document.root, root.mapping != nil else { return ["it is no map"] }
        guard let rest = document.unreadText else { return problems(in: root) }
        let second = "line \(rest.start.line): a second document begins, and only the first is read"
        return problems(in: root) + [second]
    }

    private static let limits = YAMLLimits(depth: YAMLLimits.deepest)

    private static func problems(in root: YAMLNode) -> [String] {
        guard let top = root.mapping else { return ["it is no map"] }
        var problems = duplicateKeys(in: root)
        if value("version", in: top)?.scalar?.text != "0.0" {
            problems.append("version is missing or not 0.0")
        }
        // With `os` it is for instances, which know other sections.
        guard value("os", in: top) == nil else { return problems }
        guard let resources = value("Resources", in: top)?.sequence, !resources.isEmpty else {
            return problems + ["Resources is missing, or no list"]
        }
        for (index, resource) in resources.enumerated() {
            guard let map = resource.mapping, !resource.isEmpty else {
                problems.append(
                    "line \(resource.range.start.line): Resources[\(index)] is no map of a name to a map")
                continue
            }
            for entry in map.entries { problems += target(entry) }
        }
        if let hooks = value("Hooks", in: top) { problems += self.hooks(hooks) }
        return problems
    }

    /// The containers that load balancers send to, with their lines, in a file that can be read.
    static func containers(in bytes: [UInt8]) -> [(name: String, line: Int)] {
        let root = JSONTree.read(bytes, limits: limits) ?? (try? YAMLDocument(parsing: bytes))?.root
        guard let top = root?.mapping else { return [] }
        let targets = (value("Resources", in: top)?.sequence ?? []).flatMap { $0.mapping?.entries ?? [] }
        return targets.compactMap { target in
            guard let properties = value("Properties", in: target.value.mapping)?.mapping,
                let container = value(
                    "ContainerName", in: value("LoadBalancerInfo", in: properties)?.mapping),
                let name = container.scalar?.text, !name.isEmpty
            else { return nil }
            return (name, container.range.start.line)
        }
    }

    /// Hooks are a list, each a map of an event to the function that looks at it.
    private static func hooks(_ hooks: YAMLNode) -> [String] {
        guard !hooks.isNull else { return [] }
        guard let list = hooks.sequence else {
            return ["line \(hooks.range.start.line): Hooks is no list"]
        }
        return list.enumerated().compactMap { index, hook in
            let entries = hook.mapping?.entries ?? []
            let isHook = !entries.isEmpty && entries.allSatisfy { $0.value.scalar != nil && !$0.value.isNull }
            guard !isHook else { return nil }
            return "line \(hook.range.start.line): Hooks[\(index)] is no map of an event to a function"
        }
    }

    /// A remark for each key that a map has twice; the deploy action would take one of the values, and not say which.
    private static func duplicateKeys(in node: YAMLNode) -> [String] {
        // What an alias stands for is looked at where it is written.
        guard !node.isAlias else { return [] }
        var problems: [String] = []
        for pair in node.mapping?.pairs ?? [] { problems += duplicateKeys(in: pair.value) }
        for item in node.sequence ?? [] { problems += duplicateKeys(in: item) }
        var keys: Set<String> = []
        for pair in node.mapping?.pairs ?? [] where !pair.isMerge {
            guard let key = pair.key.scalar?.text, !keys.insert(key).inserted else { continue }
            problems.append(
                "line \(pair.key.range.start.line): the key \"\(Printable.text(key))\" stands twice in one map"
            )
        }
        return problems
    }

    private static func target(_ entry: YAMLPair) -> [String] {
        let name = Printable.text(entry.key.scalar?.text ?? "a resource")
        let line = "line \(entry.key.range.start.line): "
        guard let target = entry.value.mapping else { return [line + "\(name) is no map"] }
        guard let type = value("Type", in: target)?.scalar?.text else {
            return [line + "\(name) has no Type"]
        }
        guard ["AWS::ECS::Service", "AWS::Lambda::Function"].contains(type) else {
            return [
                line
                    + "\(name).Type is neither AWS::ECS::Service nor AWS::Lambda::Function: \(Printable.text(type))"
            ]
        }
        guard let properties = value("Properties", in: target)?.mapping else {
            return [line + "\(name) has no Properties"]
        }
        let problems = type == "AWS::ECS::Service" ? service(properties, name) : function(properties, name)
        return problems.map { ($0.line.map { "line \($0): " } ?? line) + $0.text }
    }

    private static func service(_ properties: YAMLMapping, _ name: String) -> [(line: Int?, text: String)] {
        var problems: [(line: Int?, text: String)] = []
        if let definition = value("TaskDefinition", in: properties), let text = definition.scalar?.text {
            let isARN = text.hasPrefix("arn:") && text.contains(":task-definition/")
            // Unlike those of images, the name of this placeholder is fixed.
            if !isARN, text != "<TASK_DEFINITION>" {
                problems.append(
                    (
                        definition.range.start.line,
                        "TaskDefinition is neither an ARN nor <TASK_DEFINITION>, which the deploy action replaces: "
                            + Printable.text(text)
                    ))
            }
        } else {
            problems.append((nil, "\(name) has no TaskDefinition"))
        }
        if let balancer = value("LoadBalancerInfo", in: properties)?.mapping {
            if value("ContainerName", in: balancer)?.scalar?.text.isEmpty ?? true {
                problems.append((nil, "LoadBalancerInfo has no ContainerName"))
            }
            let port = value("ContainerPort", in: balancer)?.scalar.flatMap { Int($0.text) }
            if !(1...65_535).contains(port ?? 0) {
                problems.append((nil, "LoadBalancerInfo has no ContainerPort from 1 to 65535"))
            }
        }
        return problems
    }

    private static func function(_ properties: YAMLMapping, _ name: String) -> [(line: Int?, text: String)] {
        var problems: [(line: Int?, text: String)] = []
        for key in ["Name", "Alias", "CurrentVersion", "TargetVersion"] {
            guard let node = value(key, in: properties), let text = node.scalar?.text, !text.isEmpty else {
                problems.append((nil, "\(name) has no \(key)"))
                continue
            }
            if key.hasSuffix("Version"), Int(text) ?? 0 < 1 {
                problems.append(
                    (node.range.start.line, "\(key) is not the number of a version: \(Printable.text(text))"))
            }
        }
        return problems
    }

    /// The value of a key, whichever of its letters are capitals.
    private static func value(_ key: String, in map: YAMLMapping?) -> YAMLNode? {
        map?.entries.last { $0.key.scalar?.text.lowercased() == key.lowercased() }?.value
    }
}
