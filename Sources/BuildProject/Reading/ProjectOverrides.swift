import Diagnostics
import YAMLTree

/// What one build is started with instead of what its project says: the input of `aws codebuild start-build`, as its
/// `--cli-input-json` takes it (behaviour reference, section 10.8).
package struct ProjectOverrides: Sendable {
    /// What the file is called in messages.
    package let file: String
    /// `projectName`; nil when it is not said.
    package private(set) var projectName: String?
    /// What is replaced, in the order of the text.
    private var overrides: [(path: [String], entry: ProjectValue.Entry)] = []
    private var remarks: [ProjectDefinition.Remark] = []

    /// Where in a project each override belongs.
    private static let paths: [String: [String]] = [
        "sourceversion": ["sourceVersion"],
        "secondarysourcesoverride": ["secondarySources"],
        "secondarysourcesversionoverride": ["secondarySourceVersions"],
        "artifactsoverride": ["artifacts"],
        "secondaryartifactsoverride": ["secondaryArtifacts"],
        "environmentvariablesoverride": variables,
        "sourcetypeoverride": ["source", "type"],
        "sourcelocationoverride": ["source", "location"],
        "sourceauthoverride": ["source", "auth"],
        "gitclonedepthoverride": ["source", "gitCloneDepth"],
        "gitsubmodulesconfigoverride": ["source", "gitSubmodulesConfig"],
        "buildspecoverride": ["source", "buildspec"],
        "insecuressloverride": ["source", "insecureSsl"],
        "reportbuildstatusoverride": ["source", "reportBuildStatus"],
        "buildstatusconfigoverride": ["source", "buildStatusConfig"],
        "environmenttypeoverride": ["environment", "type"],
        "imageoverride": ["environment", "image"],
        "computetypeoverride": ["environment", "computeType"],
        "certificateoverride": ["environment", "certificate"],
        "cacheoverride": ["cache"],
        "serviceroleoverride": ["serviceRole"],
        "privilegedmodeoverride": ["environment", "privilegedMode"],
        "timeoutinminutesoverride": ["timeoutInMinutes"],
        "queuedtimeoutinminutesoverride": ["queuedTimeoutInMinutes"],
        "encryptionkeyoverride": ["encryptionKey"],
        "logsconfigoverride": ["logsConfig"],
        "registrycredentialoverride": ["environment", "registryCredential"],
        "imagepullcredentialstypeoverride": ["environment", "imagePullCredentialsType"],
        "fleetoverride": ["environment", "fleet"],
        "autoretrylimitoverride": ["autoRetryLimit"],
        "hostkerneloverride": ["environment", "hostKernel"],
    ]
    private static let variables = ["environment", "environmentVariables"]

    /// Reads a file's text.
    /// - Parameters:
    ///   - text: The text.
    ///   - file: What it is called in messages.
    /// - Throws: ``ProjectFailure`` when it is no map in JSON or YAML, or has what start-build does not know.
    package init(_ text: [UInt8], file: String) throws(ProjectFailure) {
        self.file = file
        do throws(ProjectFailure) {
            try read(text)
        } catch {
            throw error.of(file)
        }
    }

    private mutating func read(_ text: [UInt8]) throws(ProjectFailure) {
        let root: YAMLNode?
        do throws(YAMLError) {
            root = try YAMLDocument(parsing: JSONSurrogates.joined(text), limits: ProjectDocument.limits).root
        } catch {
            throw ProjectFailure(error.description, at: error.range, hint: error.hint)
        }
        guard let root else { throw ProjectFailure("the file is empty") }
        var evaluator = TemplateEvaluator(Template(), TemplateInputs())
        guard case .map(let entries) = try evaluator.literal(root).content else {
            throw ProjectFailure(
                "the file holds \(root.kindInWords), no input of start-build", at: root.range,
                hint: "`aws codebuild start-build --generate-cli-skeleton` shows one")
        }
        for entry in entries where !entry.value.isNothing {
            switch entry.name.lowercased() {
            case "projectname": projectName = entry.value.text
            case "idempotencytoken": remark(entry, "every run is a new build", isQuiet: true)
            case "debugsessionenabled":
                if entry.value.text == "true" { remark(entry, "--debug pauses the build at breakpoints") }
            case let name:
                guard let path = Self.paths[name] else {
                    throw ProjectFailure(
                        "\(entry.name.prefix(60)): start-build has no such parameter", at: entry.range)
                }
                overrides.append((path, entry))
            }
        }
    }

    private mutating func remark(_ entry: ProjectValue.Entry, _ text: String, isQuiet: Bool = false) {
        remarks.append(.init(field: entry.name, message: text, range: entry.range, isQuiet: isQuiet))
    }

    /// Puts the overrides in the place of a project's own settings.
    ///
    /// Variables are merged by name; everything else is replaced as a whole.
    func apply(to project: inout ProjectValue, _ definition: inout ProjectDefinition) {
        definition.overridesFile = file
        definition.remarks += remarks
        definition.overridden += remarks.map(\.field)
        for (path, entry) in overrides {
            let field = path.joined(separator: ".")
            guard path == Self.variables, case .list(let given) = entry.value.content else {
                definition.overridden.append(field)
                project.set(path, entry)
                continue
            }
            let names = given.compactMap(\.variableName)
            definition.overridden += names.map { "\(field).\($0)" }
            guard case .list(let own)? = project.value(at: path)?.content else {
                if project.value(at: path)?.unknown == nil { project.set(path, entry) }
                continue
            }
            var merged = entry
            merged.value.content = .list(
                own.filter { item in !(item.variableName.map(names.contains) ?? false) } + given)
            project.set(path, merged)
        }
    }
}

extension ProjectValue {
    fileprivate func value(at path: [String]) -> ProjectValue? {
        var found = self
        for name in path {
            guard case .map(let entries) = found.content,
                let next = entries.last(where: { $0.name.lowercased() == name.lowercased() })
            else { return nil }
            found = next.value
        }
        return found
    }

    /// Writes an entry's value at a path, whose maps are made where they are missing.
    fileprivate mutating func set(_ path: [String], _ entry: Entry) {
        guard let name = path.first else {
            self = entry.value
            return
        }
        var entries: [Entry] = []
        if case .map(let own) = content { entries = own }
        let place = entries.lastIndex { $0.name.lowercased() == name.lowercased() }
        var inner = place.map { entries[$0] } ?? Entry(name: name, range: entry.range, value: entry.value)
        if place == nil { inner.value.content = .nothing }
        inner.value.set(Array(path.dropFirst()), entry)
        if let place { entries[place] = inner } else { entries.append(inner) }
        content = .map(entries)
    }

    /// The name of an item of `environmentVariables`.
    fileprivate var variableName: String? { value(at: ["name"])?.text }
}
