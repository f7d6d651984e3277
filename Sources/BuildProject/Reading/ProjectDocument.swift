import Diagnostics
import YAMLTree

/// A file that defines build projects: JSON of the CodeBuild API, or a CloudFormation template in YAML or JSON.
package struct ProjectDocument: Sendable {
    private enum Content {
        case template(Template)
        /// Project objects of the API.
        case projects([YAMLNode])
    }

    private let file: String
    private let content: Content

    /// Reads a file's text.
    /// - Parameters:
    ///   - text: The text.
    ///   - file: What it is called in messages.
    /// - Throws: ``ProjectFailure`` when it is no YAML or JSON, or defines no project.
    package init(_ text: [UInt8], file: String) throws(ProjectFailure) {
        self.file = file
        let root: YAMLNode?
        do throws(YAMLError) {
            root = try YAMLDocument(parsing: JSONSurrogates.joined(text), limits: Self.limits).root
        } catch {
            throw ProjectFailure(error.description, at: error.range, hint: error.hint)
        }
        guard let root, !root.isEmpty else { throw ProjectFailure("the file is empty") }
        content = try Self.content(of: root)
    }

    /// A template of a CDK application may be one line.
    static var limits: YAMLLimits {
        YAMLLimits(bytes: 4 << 20, lineBytes: 4 << 20, depth: 100, nodes: 500_000)
    }

    private static func content(of root: YAMLNode) throws(ProjectFailure) -> Content {
        if let items = root.sequence { return .projects(items) }
        guard let map = root.mapping else {
            throw ProjectFailure("the file holds \(root.kindInWords), no project", at: root.range)
        }
        if let resources = map["Resources"] {
            guard resources.mapping != nil else {
                throw ProjectFailure(
                    "Resources is \(resources.kindInWords), not a map", at: resources.useRange)
            }
            return .template(Template(map))
        }
        if let items = map["projects"]?.sequence { return .projects(items) }
        if let project = map["project"], project.mapping != nil { return .projects([project]) }
        let names = Set(map.entries.compactMap { $0.key.scalar?.text.lowercased() })
        if names.contains("artifacts"), names.contains("version"), !names.contains("source") {
            throw ProjectFailure(
                "the file is the manifest of a CDK application, not a template", at: root.range,
                hint: "name a template beside it: STACK.template.json")
        }
        guard names.contains("source") || names.contains("environment") else {
            throw ProjectFailure(
                "the file defines no build project", at: root.range,
                hint:
                    "give the output of `aws codebuild batch-get-projects`, or a CloudFormation template with an AWS::CodeBuild::Project"
            )
        }
        return .projects([root])
    }

    /// The project of a name, or the only one.
    /// - Parameters:
    ///   - name: A logical id or a project's name; nil when the file has one project.
    ///   - inputs: What is given for a template's parameters and resources.
    ///   - overrides: What the build is started with instead; nil for nothing.
    /// - Returns: The project, with what is not known about it.
    /// - Throws: ``ProjectFailure`` when there is none of that name or several to choose from, and when what is written cannot
    ///   be used.
    package func project(
        named name: String?, _ inputs: TemplateInputs, overrides: ProjectOverrides? = nil
    ) throws(ProjectFailure) -> BuildProject {
        let name = name ?? overrides?.projectName.flatMap { has($0) ? $0 : nil }
        switch content {
        case .projects(let projects):
            guard inputs.parameters.isEmpty else {
                throw ProjectFailure(
                    "--parameter: the project is not defined by a template",
                    hint: "only CloudFormation templates have parameters")
            }
            return try project(named: name, of: projects, overrides)
        case .template(let template): return try project(named: name, of: template, inputs, overrides)
        }
    }

    /// Whether the file itself names a project so.
    private func has(_ name: String) -> Bool {
        switch content {
        case .projects(let projects): projects.contains { Self.name(of: $0) == name }
        case .template(let template): template.projects.contains { Self.literalName($0) == name }
        }
    }

    private func project(
        named name: String?, of projects: [YAMLNode], _ overrides: ProjectOverrides?
    ) throws(ProjectFailure) -> BuildProject {
        let names = projects.map { Self.name(of: $0) ?? "project" }
        let index = try choose(name, among: names.map { [$0] })
        var evaluator = TemplateEvaluator(Template(), TemplateInputs())
        // What looks like a function in the API's JSON is text of no meaning.
        let value = try evaluator.literal(projects[index])
        return try read(value, names[index], overrides)
    }

    private static func name(of project: YAMLNode) -> String? {
        (project.mapping?["name"] ?? project.mapping?["Name"])?.scalar?.text
    }

    private func project(
        named name: String?, of template: Template, _ inputs: TemplateInputs,
        _ overrides: ProjectOverrides?
    ) throws(ProjectFailure) -> BuildProject {
        let names = template.projects.map { resource in
            [resource.logicalID, Self.construct(resource), Self.literalName(resource)].compactMap { $0 }
        }
        let resource = template.projects[try choose(name, among: names)]
        var evaluator = TemplateEvaluator(template, inputs)
        try evaluator.checkGivenParameters()
        if let condition = resource.condition {
            switch try evaluator.condition(named: condition, at: resource.range) {
            case .yes: break
            case .no:
                throw ProjectFailure(
                    "\(resource.logicalID): there is no such project, because the condition \(condition) is false",
                    at: resource.range,
                    hint: "give the parameters that make it true, with --parameter NAME=VALUE")
            case .unknown(let unknown):
                throw ProjectFailure(
                    "\(resource.logicalID): the condition \(condition) depends on \(unknown.expression), which is not known",
                    at: unknown.range, hint: unknown.option.map { "give \($0)" })
            }
        }
        guard let properties = resource.properties else {
            throw ProjectFailure("\(resource.logicalID): the resource has no Properties", at: resource.range)
        }
        let value = try evaluator.value(properties)
        var project = try read(value, resource.logicalID, overrides)
        project.account = inputs.resourceValues["AWS::AccountId"] ?? inputs.parameters["AWS::AccountId"]
        project.hiddenValues = evaluator.hiddenValues.filter { !$0.isEmpty }.sorted()
        project.definition?.assumptions = evaluator.assumptions
        return project
    }

    private func read(
        _ value: ProjectValue, _ label: String, _ overrides: ProjectOverrides?
    ) throws(ProjectFailure) -> BuildProject {
        var (value, definition) = (value, ProjectDefinition(file: file, label: label))
        if case .template = content { definition.isTemplate = true }
        if case .map = value.content { overrides?.apply(to: &value, &definition) }
        do throws(ProjectFailure) {
            return try ProjectReader.read(value, definition)
        } catch {
            // Messages begin with the field they are about.
            let field = String(error.message.prefix { $0 != ":" && $0 != " " })
            let place = definition.file(of: field)
            throw place == file ? error : error.of(place)
        }
    }

    /// The name that a CDK application knows the project by: `Stack/Build/Resource` is `Build`.
    private static func construct(_ resource: Template.Resource) -> String? {
        guard let path = resource.constructPath else { return nil }
        let parts = path.split(separator: "/")
        return parts.count >= 2 && parts.last == "Resource" ? String(parts[parts.count - 2]) : nil
    }

    private static func literalName(_ resource: Template.Resource) -> String? {
        guard let node = resource.properties?.mapping?["Name"], node.tag == nil else { return nil }
        return node.scalar?.text
    }

    /// The place of a name among those that each project goes by; a logical id outweighs the others.
    private func choose(_ name: String?, among names: [[String]]) throws(ProjectFailure) -> Int {
        let known = names.compactMap(\.first).joined(separator: ", ")
        guard !names.isEmpty else {
            throw ProjectFailure(
                "the file defines no build project",
                hint:
                    "the API lists the names it does not know as projectsNotFound; a template has an AWS::CodeBuild::Project"
            )
        }
        guard let name else {
            guard names.count == 1 else {
                throw ProjectFailure(
                    "the file defines \(names.count) projects", hint: "choose one with #NAME: \(known)")
            }
            return 0
        }
        if let exact = names.firstIndex(where: { $0.first == name }) { return exact }
        let others = names.indices.filter { names[$0].contains(name) }
        guard others.count == 1, let other = others.first else {
            throw ProjectFailure(
                others.isEmpty ? "there is no project \(name)" : "several projects go by \(name)",
                hint: "the file defines \(known)")
        }
        return other
    }
}

/// Characters beyond U+FFFF in JSON, which are written as two escapes that YAML does not know.
enum JSONSurrogates {
    /// The text with `\ud83d\ude00` written as `\U0001f600`, when it looks like JSON; else as it is.
    static func joined(_ text: [UInt8]) -> [UInt8] {
        let first = text.first { ![0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }
        guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else { return text }
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            let byte = text[index]
            guard byte == UInt8(ascii: "\\"), index + 1 < text.count else {
                result.append(byte)
                index += 1
                continue
            }
            if let high = unit(text, index), (0xD800...0xDBFF).contains(high),
                let low = unit(text, index + 6), (0xDC00...0xDFFF).contains(low)
            {
                let scalar = 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)
                let digits = String(scalar, radix: 16)
                result += Array(("\\U" + String(repeating: "0", count: 8 - digits.count) + digits).utf8)
                index += 12
            } else {
                result += text[index..<(index + 2)]
                index += 2
            }
        }
        return result
    }

    /// The number of an escape `\uXXXX`.
    private static func unit(_ text: [UInt8], _ index: Int) -> Int? {
        guard index + 6 <= text.count, text[index] == UInt8(ascii: "\\"), text[index + 1] == UInt8(ascii: "u")
        else { return nil }
        return Int(String(decoding: text[(index + 2)..<(index + 6)], as: UTF8.self), radix: 16)
    }
}
