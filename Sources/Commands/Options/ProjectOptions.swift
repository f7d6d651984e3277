import ArgumentParser

/// Which project the build is of.
struct ProjectOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A CodeBuild project: JSON of its API, or a CloudFormation template.",
            discussion: "With several projects in the file, #NAME says which: its logical id or its name.",
            valueName: "file[#name]"))
    var project: String?

    @Option(
        help: ArgumentHelp(
            "Start the build with these overrides: JSON as `aws codebuild start-build --cli-input-json` takes it.",
            valueName: "file"))
    var projectOverrides: String?

    @Option(
        name: .customLong("parameter"),
        help: "A parameter of the template, NAME=VALUE (repeatable).")
    var parameters: [String] = []

    @Option(
        name: .customLong("resource-value"),
        help: ArgumentHelp(
            "What a template refers to outside of itself, NAME=VALUE (repeatable).",
            discussion:
                "NAME is a logical id (Bucket), an attribute (Key.Arn), an export or a pseudo parameter (AWS::AccountId)."
        ))
    var resourceValues: [String] = []

    @OptionGroup(title: "Use of the project")
    var use: ProjectUseOptions
}

/// What of a project is used that is not on this machine.
struct ProjectUseOptions: ParsableArguments {
    @Flag(help: "Fetch the sources that the project names, instead of SOURCE.")
    var projectSource = false

    @Flag(help: "Store artifacts in the buckets that the project names, instead of --output.")
    var projectOutput = false

    @Flag(help: "Keep a cache of type S3 where the project says, instead of on this machine.")
    var projectCache = false

    @Flag(help: "Deliver the log to where the project's logsConfig says.")
    var projectLogs = false

    @Flag(help: "Assume the project's service role, instead of --role-arn.")
    var projectRole = false
}

/// How sources that are not on this machine are fetched.
struct FetchOptions: ParsableArguments {
    @Option(
        help:
            "A branch, tag, commit, pr/NUMBER or full reference of a git source; an object version of an s3:// one."
    )
    var sourceVersion: String?

    @Option(help: "The version of a secondary source, ID=VERSION (repeatable).")
    var secondarySourceVersion: [String] = []

    @Option(help: "How many commits of a git source are fetched (default: all; more than 25 count as all).")
    var gitCloneDepth: Int?

    @Flag(help: "Fetch the submodules of git sources too.")
    var gitSubmodules = false
}
