import ArgumentParser
import Packaging

/// What goes into a package, and how.
struct LambdaContentOptions: ParsableArguments {
    @Option(help: "A pattern of what goes in, by the rules of artifacts/files (repeatable; default **/*).")
    var include: [String] = []

    @Option(help: "A pattern of what stays out, by the rules of exclude-paths (repeatable).")
    var exclude: [String] = []

    @Option(
        help: ArgumentHelp(
            "Make a layer: \(LambdaLayer.allCases.map(\.rawValue).joined(separator: ", ")); content goes where it is found.",
            valueName: "kind"))
    var layer: String?

    @Option(help: "Compression from 1 (fastest) to 12 (smallest).")
    var level: Int = LambdaPackage.defaultLevel

    @Flag(help: "Print the names of what goes in, and write nothing.")
    var list = false

    /// The kind of layer, if one is to be made.
    func layerKind(besides checks: LambdaCheckOptions) throws(CommandFailure) -> LambdaLayer? {
        guard let layer else { return nil }
        guard let kind = LambdaLayer(rawValue: layer) else {
            let kinds = LambdaLayer.allCases.map(\.rawValue).joined(separator: ", ")
            throw .usage("--layer \(layer): expected one of \(kinds)")
        }
        guard checks.handler == nil else { throw .usage("--handler: a layer has none") }
        if let runtime = checks.runtime.flatMap({ LambdaRuntime($0) }),
            let family = LambdaRuntime.Family(rawValue: kind.rawValue), family != runtime.family
        {
            throw .usage("--layer \(layer) is not looked for by the runtime \(checks.runtime ?? "")")
        }
        return kind
    }
}

/// What a package is checked for.
struct LambdaCheckOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The function's handler, such as app.handler.", valueName: "name"))
    var handler: String?

    @Option(help: ArgumentHelp("The function's runtime, such as python3.13 or nodejs22.x.", valueName: "id"))
    var runtime: String?

    @Option(help: ArgumentHelp("What native code has to be for: x86_64 or arm64.", valueName: "name"))
    var architecture: String?

    @Option(
        help: ArgumentHelp(
            "A pattern of files that look like secrets and may go in (repeatable).", valueName: "pattern"))
    var allowSecret: [String] = []

    @Flag(help: "Make packages that are larger than Lambda allows.")
    var ignoreLimits = false

    /// The checks.
    func values() throws(CommandFailure) -> LambdaChecks {
        var parsedRuntime: LambdaRuntime?
        if let runtime {
            guard let known = LambdaRuntime(runtime) else {
                throw .usage(
                    "--runtime \(runtime): expected an identifier as Lambda has it, such as "
                        + "python3.13, nodejs22.x, ruby3.4, java21, dotnet8, provided.al2023 or go1.x")
            }
            parsedRuntime = known
        }
        var parsedArchitecture: LambdaArchitecture?
        if let architecture {
            guard let known = LambdaArchitecture(rawValue: architecture) else {
                throw .usage("--architecture \(architecture): expected x86_64 or arm64")
            }
            parsedArchitecture = known
        }
        return LambdaChecks(
            handler: handler, runtime: parsedRuntime, architecture: parsedArchitecture,
            allowedSecrets: allowSecret, ignoresLimits: ignoreLimits)
    }
}
