import Diagnostics

/// Variables whose names promise a secret and whose values stand in the file for everybody to read.
struct PlainSecrets: BuildspecRule {
    init(_: Buildspec) {}

    func finish(_ buildspec: Buildspec, _ report: DecodingReport) {
        check(buildspec.env.variables, report)
        switch buildspec.batch?.kind {
        case .graph(let builds), .list(let builds):
            for build in builds { check(build.env.variables, report) }
        case .matrix(let matrix):
            for variable in matrix.variables {
                check(variable.value.value.map { NamedValue(name: variable.name, value: $0) }, report)
            }
        case .fanout, nil: break
        }
    }

    private func check(_ variables: [NamedValue<String>], _ report: DecodingReport) {
        for variable in variables {
            let name = variable.name.value
            if SecretShape.isPromised(byName: name), SecretShape.isPlausible(variable.value.value) {
                report.addSecret("what its name calls a secret, `\(name)`,", at: variable.value.range)
            }
        }
    }
}

extension Buildspec {
    /// The values that stand in plain text under names that promise a secret.
    var plainSecrets: [String] {
        var variables = env.variables
        if case .graph(let builds) = batch?.kind { variables += builds.flatMap(\.env.variables) }
        if case .list(let builds) = batch?.kind { variables += builds.flatMap(\.env.variables) }
        return variables.filter { SecretShape.isPromised(byName: $0.name.value) }.map(\.value.value)
            .filter(SecretShape.isPlausible)
    }
}

extension DecodingReport {
    /// Credentials that are looked for in one text.
    private static let secretLimit = 100

    /// Tells of every credential in the text that has a known form, wherever it stands: in comments too.
    func addSecretsOfKnownForm() {
        let found = text.withUnsafeBufferPointer { SecretShape.all(in: $0, limit: Self.secretLimit) }
        guard let last = found.last else { return }
        let start = SourcePosition(line: 1, column: 1, offset: 0)
        var walk = SourceWalk(text, from: start, to: last.bytes.upperBound)
        for (shape, bytes) in found {
            walk.move(to: bytes.lowerBound)
            let start = walk.position
            walk.move(to: bytes.upperBound)
            addSecret(shape.name, at: SourceRange(start: start, end: walk.position))
        }
    }

    /// Tells of a credential.
    ///
    /// The message never repeats it, and `SecretSearch` sees to it that nothing else does.
    fileprivate func addSecret(_ what: String, at range: SourceRange) {
        add(
            .secretInPlainText, "\(what) can be read by everybody who reads this file", at: range,
            mend:
                "keep it in Secrets Manager and name it under `env/secrets-manager`; replace what was published"
        )
    }
}
