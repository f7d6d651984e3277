import Packaging
import SystemPackage
import TestSupport
import Testing

/// Makes packages of `app` in a scratch directory.
struct LambdaApp {
    let scratch: Scratch

    /// `script` runs in `app`.
    init(_ script: String) throws {
        scratch = try Scratch()
        try scratch.sh("mkdir app; cd app; \(script)")
    }

    @discardableResult
    func package(
        _ checks: LambdaChecks = LambdaChecks(), layer: LambdaLayer? = nil
    ) throws -> LambdaPackage.Summary {
        try LambdaPackage(directory: scratch.path.appending("app"), layer: layer, checks: checks)
            .write(to: scratch.path.appending("x.zip"))
    }

    func refusal(_ checks: LambdaChecks = LambdaChecks()) throws -> PackagingError {
        let error = try #require(throws: PackagingError.self) { try package(checks) }
        #expect(try scratch.sh("ls -A") == "app\n")
        return error
    }

    func names() throws -> [String] {
        try scratch.sh("unzip -Z1 x.zip").split(separator: "\n").map(String.init)
    }
}
