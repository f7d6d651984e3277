import BuildEngine
import BuildProject
import Diagnostics
import Sandbox

extension RunRequest {
    /// Lets the project decide what the command line leaves open (behaviour reference, section 10.8).
    /// - Throws: ``CommandFailure`` with status `usage` when the build needs what is not known of the project.
    mutating func apply(_ request: ProjectRequest) throws(CommandFailure) {
        let project = request.project
        if let environment = project.environment {
            let others = ["WINDOWS", "MAC"]
            guard !others.contains(where: { environment.type.hasPrefix($0) }) else {
                throw .usage(
                    "--project: builds of type \(environment.type) cannot run here",
                    hint: "this runner builds on Linux")
            }
        }
        if request.assumesRole {
            guard aws.roleARN == nil else {
                throw .usage("--project-role: contradicts --role-arn", hint: "leave one of them out")
            }
            try need("serviceRole", of: project)
            guard let role = project.serviceRole else {
                throw .usage("--project-role: the project has no service role")
            }
            aws.roleARN = role
        }
        if request.storesInBuckets { try storeInBuckets(of: project) }
        if case .bucket = output, encryption == .serverSide, key == nil {
            try need("encryptionKey", of: project)
            key = project.encryptionKey.flatMap { Self.isDefaultKey($0) ? nil : .kms($0) }
        }
        if request.sharesCache { try shareCache(of: project) }
        if container != nil { try need("environment.computeType", "environment.privilegedMode", of: project) }
        if timeout == nil { try need("timeoutInMinutes", of: project) }
        if buildspec == nil { try need("source.buildspec", of: project) }
        try needVariables(of: project)
        try need(
            "artifacts.type", "artifacts.path", "artifacts.namespaceType", "artifacts.name",
            "artifacts.packaging", "artifacts.overrideArtifactName", "artifacts.encryptionDisabled",
            "artifacts.bucketOwnerAccess", of: project)
        if project.definition?.unknown.contains(where: { $0.field == "artifacts" || $0.field == "source" })
            == true
        {
            try need("artifacts", "source", of: project)
        }
    }

    /// `alias/aws/s3`, which is what S3 uses when no key is named.
    static func isDefaultKey(_ key: String) -> Bool { key.hasSuffix("alias/aws/s3") }

    private mutating func storeInBuckets(of project: BuildProject) throws(CommandFailure) {
        guard case .defaultDirectory = output else {
            throw .usage("--project-output: contradicts --output", hint: "leave one of them out")
        }
        try need("artifacts.location", "secondaryArtifacts", of: project)
        let all = [project.artifacts] + (project.secondaryArtifacts ?? [])
        guard project.artifacts.kind != .codePipeline else {
            throw .usage(
                "--project-output: the project leaves the place of its artifacts to a pipeline",
                hint: "give --output")
        }
        for artifacts in all where artifacts.kind == .s3 && artifacts.location == nil {
            throw .usage("--project-output: the project names no bucket", hint: "give --output")
        }
        guard let bucket = all.first(where: { $0.kind == .s3 })?.location else { return }
        output = .bucket(name: bucket, prefix: "")
    }

    /// A cache of another type stays what it is.
    private mutating func shareCache(of project: BuildProject) throws(CommandFailure) {
        try need("cache", of: project)
        guard let cache = project.cache, cache.kind == .s3 else { return }
        if key == nil { try need("encryptionKey", of: project) }
        sharedCache = cache.shared(encryptedWith: key?.usableByS3 ?? project.encryptionKey)
        guard sharedCache != nil else {
            throw .usage("--project-cache: the project's cache.location names no bucket")
        }
    }

    private func needVariables(of project: BuildProject) throws(CommandFailure) {
        let list = "environment.environmentVariables"
        let given = Set(variables.map { "\(list).\($0.name)" })
        let missing = project.definition?.unknown(below: list).filter { !given.contains($0.field) } ?? []
        try Self.refuse(missing, of: project)
        try need("environment", of: project, exactly: true)
    }

    /// Refuses a project of which the build needs what nobody has given.
    func need(
        _ fields: String..., of project: BuildProject, exactly: Bool = false
    ) throws(CommandFailure) {
        guard let definition = project.definition else { return }
        let missing = fields.flatMap { field in
            exactly ? definition.unknown.filter { $0.field == field } : definition.unknown(below: field)
        }
        try Self.refuse(missing, of: project)
    }

    /// The image is needed where commands run in it.
    static func needImage(of project: BuildProject) throws(CommandFailure) {
        let missing = project.definition?.unknown.filter {
            ["environment", "environment.image"].contains($0.field)
        }
        try refuse(missing ?? [], of: project)
    }

    private static func refuse(
        _ missing: [ProjectDefinition.Unknown], of project: BuildProject
    ) throws(CommandFailure) {
        guard let first = missing.first, let definition = project.definition else { return }
        let places = missing.map { item in
            "\(item.field) needs \(item.value.expression) (line \(item.value.range.start.line))"
        }
        var options: [String] = []
        for value in missing.compactMap(\.value.option) {
            for part in value.split(separator: " --") {
                let option = part.hasPrefix("--") ? String(part) : "--\(part)"
                if !options.contains(option) { options.append(option) }
            }
        }
        let prefix = "environment.environmentVariables."
        for item in missing where item.field.hasPrefix(prefix) && item.value.option == nil {
            options.append("--env \(item.field.dropFirst(prefix.count))=VALUE")
        }
        let line = first.value.range.start.line
        throw .usage(
            "--project \(definition.file):\(line): \(places.joined(separator: "; ")), which the template does not tell",
            hint: options.isEmpty
                ? "no option gives that value: write it in a copy of the template"
                : "add " + options.joined(separator: " "))
    }
}

extension ProjectCache {
    /// Where a cache of type S3 is; nil when its location names no bucket.
    func shared(encryptedWith key: String?) -> SharedCachePlan? {
        guard kind == .s3, let location else { return nil }
        return SharedCachePlan(
            location: location, namespace: namespace,
            encryptionKey: key.flatMap { RunRequest.isDefaultKey($0) ? nil : $0 })
    }
}

extension RunRequest.Key {
    /// The key's name where S3 itself can use it: none that is used through a role, or that is in a file.
    var usableByS3: String? {
        guard case .kms(let text) = self, let named = try? NamedKMSKey(text), named.role == nil else {
            return nil
        }
        return named.key
    }
}
