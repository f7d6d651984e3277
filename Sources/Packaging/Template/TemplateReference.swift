import Diagnostics
import SystemPackage

/// A place of a template that names something local, or that has to be written in another form.
struct TemplateReference: Sendable {
    /// What has to happen with it.
    enum Work: Sendable, Hashable {
        /// Pack and store.
        case artifact(CodeArtifact)
        /// Package the nested template, and store it.
        case template(FilePath, name: String)
        /// An S3 location that is only written in another form.
        case location(TemplateLocation)
    }

    let path: [TemplateStep]
    let work: Work
    let form: PackagedProperty.Form
    /// `template.yaml:14:16: CodeUri of Hello`.
    let label: String

    /// What is written into the template for an object.
    func value(for location: TemplateLocation) -> TemplateValue {
        switch form {
        case .url: return .text(location.url)
        case .template: return .text(location.address)
        case .map(let bucket, let key, let version):
            var pairs = [
                TemplateValue.Pair(key: bucket, value: .text(location.bucket)),
                TemplateValue.Pair(key: key, value: .text(location.key)),
            ]
            if let version, let text = location.version {
                pairs.append(TemplateValue.Pair(key: version, value: .text(text)))
            }
            return .map(pairs)
        }
    }
}

/// Something local that becomes one object.
enum CodeArtifact: Sendable, Hashable {
    /// A file as it is.
    case file(FilePath)
    /// A directory, or a single file, in a zip.
    case zip(FilePath)

    var path: FilePath {
        switch self {
        case .file(let path), .zip(let path): path
        }
    }
}
