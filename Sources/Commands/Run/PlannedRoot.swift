import BuildEngine

/// Whether a build would find a writable system, and who says so.
struct PlannedRoot: Sendable {
    var value: String
    var origin: String

    /// Asks the machine where the request leaves it to the machine.
    init(_ request: RunRequest) async {
        guard request.sandbox != .host else {
            (value, origin) = ("host", "--sandbox")
            return
        }
        switch request.system {
        case .overlay, .readOnly: (value, origin) = (request.system.rawValue, "--root")
        case .writableWherePermitted:
            let refusal = await TrialSandbox.refusal()
            (value, origin) = refusal.map { ("read-only", $0) } ?? ("overlay", "default")
        }
    }
}
