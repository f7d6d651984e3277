/// An image that is on this machine.
package struct ContainerImage: Sendable, Hashable {
    /// One variable of the image's `ENV`.
    package struct Variable: Sendable, Hashable {
        /// Name of the variable.
        package var name: String
        /// Its value.
        package var value: String
    }

    /// The name it was found by.
    package var name: String
    /// The engine's id for it.
    package var id: String
    /// `<repository>@sha256:...`, where the engine knows it.
    package var digest: String?
    /// The image's own variables.
    package var environment: [Variable]
}

extension ContainerEngine {
    /// Brings an image to this machine: no registry is asked while it is here.
    ///
    /// - Parameters:
    ///   - settings: Which image.
    ///   - willPull: Told the name before a registry is asked.
    /// - Returns: The image.
    /// - Throws: ``SandboxError`` with code `imageMissing`.
    package func image(
        _ settings: ContainerSettings, willPull: @Sendable (String) async -> Void = { _ in }
    ) async throws(SandboxError) -> ContainerImage {
        for name in ImageName.local(settings.image, prefix: settings.imagePrefix) {
            if let image = await inspect(name) { return image }
        }
        let name = ImageName.remote(settings.image, prefix: settings.imagePrefix)
        await willPull(name)
        let answer = await askCancellably(["pull", "--quiet", name], limit: .seconds(3600))
        guard answer.isSuccess, let image = await inspect(name) else {
            throw SandboxError(
                code: .imageMissing, detail: "\(name): \(answer.reason)", path: nil,
                hint: pullHint(settings.image, name, answer.errors.lowercased()))
        }
        return image
    }

    /// Looks an image up in the engine's own store.
    private func inspect(_ name: String) async -> ContainerImage? {
        // One fact each, ended by a zero byte: values may hold anything else.
        let zero = #"{{printf "\x00"}}"#
        let format =
            "I{{.Id}}\(zero){{range .RepoDigests}}D{{.}}\(zero){{end}}{{range .Config.Env}}E{{.}}\(zero){{end}}"
        let answer = await askCancellably(
            ["image", "inspect", "--format", format, name], limit: .seconds(60))
        guard answer.isSuccess else { return nil }
        var image = ContainerImage(name: name, id: "", digest: nil, environment: [])
        for fact in answer.output.split(separator: 0) {
            let text = String(decoding: fact.dropFirst(), as: UTF8.self)
            switch fact.first {
            case UInt8(ascii: "I"): image.id = text
            case UInt8(ascii: "D"): image.digest = image.digest ?? text
            case UInt8(ascii: "E"):
                guard let equals = text.firstIndex(of: "=") else { continue }
                let variable = ContainerImage.Variable(
                    name: String(text[..<equals]), value: String(text[text.index(after: equals)...]))
                image.environment.append(variable)
            default: continue
            }
        }
        return image.id.isEmpty ? nil : image
    }

    private func pullHint(_ wanted: String, _ name: String, _ errors: String) -> String {
        if wanted.hasPrefix("aws/codebuild/standard:") {
            return
                "the Ubuntu images are built from https://github.com/aws/aws-codebuild-docker-images and found "
                + "here as \(wanted); --image-prefix names a registry that has them"
        }
        if errors.contains("unauthorized") || errors.contains("denied") || errors.contains("authentication") {
            let registry = name.split(separator: "/").first.map(String.init) ?? name
            return "log in with: \(self.name.rawValue) login \(registry)"
        }
        return "try: \(self.name.rawValue) pull \(name)"
    }
}
