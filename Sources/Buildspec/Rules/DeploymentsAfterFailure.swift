import Diagnostics
import ShellScript

/// Deployments in `post_build`, which CodeBuild runs after a failed build too (behaviour reference, section 3.2).
///
/// Said once a file, at the first deployment, unless a command asks `CODEBUILD_BUILD_SUCCEEDING` or the build phase ends
/// the build when it fails.
struct DeploymentsAfterFailure: BuildspecRule {
    /// What a command does to the world.
    private enum Effect {
        case deploys
        case pushes
    }

    private let canRunAfterFailure: Bool
    private var first: [Effect: (name: String, range: SourceRange)] = [:]
    private var asks = false

    init(_ buildspec: Buildspec) {
        canRunAfterFailure =
            switch buildspec.phase(.build) {
            case nil: false
            case let build?: build.onFailure.map { $0.value != .abort } ?? true
            }
    }

    mutating func visit(_ command: ScannedCommand, _: DecodingReport) {
        guard canRunAfterFailure, command.phase == .postBuild else { return }
        if command.scan.expansions.contains(where: { $0.name == "CODEBUILD_BUILD_SUCCEEDING" }) {
            asks = true
        }
        guard !command.isConditional else { return }
        for simple in command.scan.simpleCommands {
            guard let (effect, name) = Self.effect(of: simple), first[effect] == nil else { continue }
            let start = simple.words.first?.range.lowerBound ?? 0
            let end = simple.words.prefix(3).last?.range.upperBound ?? start
            first[effect] = (name, command.range(of: start..<end))
        }
    }

    func finish(_: Buildspec, _ report: DecodingReport) {
        guard !asks else { return }
        let mend =
            "guard it: `if [ \"$CODEBUILD_BUILD_SUCCEEDING\" = 1 ]; then …; fi`, or write `on-failure: ABORT` under `build`"
        if let (name, range) = first[.deploys] {
            report.add(
                .deploysAfterFailure, "`\(name)` runs in post_build, also when the build phase has failed",
                at: range,
                mend: mend)
        } else if let (name, range) = first[.pushes] {
            report.add(
                .pushesAfterFailure, "`\(name)` runs in post_build, also when the build phase has failed",
                at: range,
                mend: mend)
        }
    }

    /// What a command does, and its words to name it by; nil when it does nothing to the world that we know of.
    private static func effect(of command: SimpleCommand) -> (Effect, String)? {
        let words = command.words.lazy.map(\.literal).prefix(8).compactMap(\.self).filter {
            !$0.hasPrefix("-")
        }
        guard let name = words.first?.split(separator: "/").last.map(String.init) else { return nil }
        guard words.count > 1 else { return nil }
        for (known, verbs, effect) in deployments where known == name {
            // Options with values may stand before the verb of these.
            let starts =
                ["aws", "git", "kubectl", "helm", "docker"].contains(name)
                ? 1..<words.count : 1..<min(2, words.count)
            let found = verbs.first { verb in starts.contains { words[$0...].starts(with: verb) } }
            guard let found else { continue }
            return (effect, ([name] + found).joined(separator: " "))
        }
        return nil
    }

    private static let deployments: [(name: String, verbs: [[String]], effect: Effect)] = [
        (
            "aws",
            [
                ["cloudformation", "deploy"], ["cloudformation", "create-stack"],
                ["cloudformation", "update-stack"],
                ["cloudformation", "execute-change-set"], ["ecs", "update-service"],
                ["deploy", "create-deployment"],
                ["lambda", "update-function-code"], ["lambda", "update-alias"],
                ["lambda", "publish-version"],
                ["elasticbeanstalk", "update-environment"],
                ["cloudfront", "create-invalidation"], ["apigateway", "create-deployment"],
                ["eks", "update-nodegroup-config"],
                ["stepfunctions", "update-state-machine"], ["amplify", "start-deployment"],
            ], .deploys
        ),
        ("aws", [["s3", "sync"], ["s3", "cp"], ["s3", "mv"]], .pushes), ("sam", [["deploy"]], .deploys),
        ("cdk", [["deploy"]], .deploys),
        ("serverless", [["deploy"]], .deploys),
        ("sls", [["deploy"]], .deploys), ("terraform", [["apply"], ["destroy"]], .deploys),
        ("tofu", [["apply"]], .deploys), ("terragrunt", [["apply"]], .deploys),
        ("pulumi", [["up"]], .deploys),
        (
            "kubectl", [["apply"], ["set", "image"], ["rollout", "restart"], ["replace"], ["create"]],
            .deploys
        ),
        ("helm", [["upgrade"], ["install"]], .deploys), ("eb", [["deploy"]], .deploys),
        ("copilot", [["deploy"]], .deploys),
        ("npm", [["publish"]], .deploys), ("yarn", [["publish"]], .deploys),
        ("twine", [["upload"]], .deploys),
        ("mvn", [["deploy"]], .deploys), ("gem", [["push"]], .deploys),
        ("dotnet", [["nuget", "push"]], .deploys),
        ("git", [["push"]], .deploys),
        ("docker", [["push"], ["compose", "push"], ["buildx", "imagetools"]], .pushes),
        ("podman", [["push"]], .pushes),
    ]
}

extension ScannedCommand {
    /// Whether something in the command decides what runs: a guard of the author's own making, which is not understood here.
    fileprivate var isConditional: Bool {
        let text = command.value
        return ["if ", "case ", "test ", "[ "].contains { text.contains($0) }
    }
}
