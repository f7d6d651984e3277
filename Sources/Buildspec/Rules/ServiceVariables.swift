/// Variables that a command can count on without this file setting them.
enum ServiceVariables {
    /// What CodeBuild sets (behaviour reference, sections 5.1 and 5.2).
    static let codebuild = [
        "CODEBUILD_BATCH_BUILD_IDENTIFIER", "CODEBUILD_BUILD_ARN", "CODEBUILD_BUILD_ID",
        "CODEBUILD_BUILD_IMAGE",
        "CODEBUILD_BUILD_NUMBER", "CODEBUILD_BUILD_SUCCEEDING", "CODEBUILD_BUILD_URL", "CODEBUILD_CI",
        "CODEBUILD_CURRENT_SHARD_FILES", "CODEBUILD_INITIATOR", "CODEBUILD_KMS_KEY_ID", "CODEBUILD_LAST_EXIT",
        "CODEBUILD_LOG_PATH", "CODEBUILD_PUBLIC_BUILD_URL", "CODEBUILD_RESOLVED_SOURCE_VERSION",
        "CODEBUILD_SOURCE_REPO_URL", "CODEBUILD_SOURCE_VERSION", "CODEBUILD_SRC_DIR", "CODEBUILD_START_TIME",
        "CODEBUILD_WEBHOOK_ACTOR_ACCOUNT_ID", "CODEBUILD_WEBHOOK_BASE_REF", "CODEBUILD_WEBHOOK_EVENT",
        "CODEBUILD_WEBHOOK_HEAD_REF", "CODEBUILD_WEBHOOK_MERGE_COMMIT", "CODEBUILD_WEBHOOK_PREV_COMMIT",
        "CODEBUILD_WEBHOOK_TRIGGER",
    ]

    /// What the shells, the service's agent and the build images set.
    private static let others: Set<String> = [
        "HOME", "PATH", "PWD", "OLDPWD", "SHELL", "SHLVL", "USER", "LOGNAME", "HOSTNAME", "TERM", "LANG",
        "LC_ALL",
        "TZ", "TMPDIR", "IFS", "PS1", "PS2", "PS4", "PPID", "UID", "EUID", "GROUPS", "RANDOM", "SECONDS",
        "LINENO",
        "OPTARG", "OPTIND", "REPLY", "COLUMNS", "LINES", "FUNCNAME", "PIPESTATUS", "DIRSTACK", "HOSTTYPE",
        "MACHTYPE",
        "OSTYPE", "EPOCHSECONDS", "EPOCHREALTIME", "COMP_WORDS", "_", "AWS_REGION", "AWS_DEFAULT_REGION",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_EXECUTION_ENV", "ECS_CONTAINER_METADATA_URI", "GOPATH",
        "GOROOT", "JAVA_HOME", "JDK_HOME", "JRE_HOME", "ANDROID_HOME", "M2_HOME", "MAVEN_HOME", "GRADLE_HOME",
        "NVM_DIR", "PYENV_ROOT", "N_PREFIX", "DOTNET_ROOT", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
        "http_proxy",
        "https_proxy", "no_proxy",
    ]

    /// Languages whose exact versions the images' variables name, as in `PYTHON_311_VERSION` (section 12.1).
    private static let versioned = [
        "PYTHON_", "NODE_", "GOLANG_", "RUBY_", "PHP_", "JAVA_", "DOTNET_", "RUST_", "DOCKER_", "MAVEN_",
        "GRADLE_",
        "BASH",
    ]

    /// Whether something other than the buildspec sets a variable.
    static func contains(_ name: String) -> Bool {
        if name.hasPrefix("CODEBUILD_") || others.contains(name) { return true }
        return versioned.contains { name.hasPrefix($0) }
    }

    /// The variable of CodeBuild that a name of its kind was meant to be; nil for one that exists or may exist.
    static func meant(by name: String) -> String? {
        guard name.hasPrefix("CODEBUILD_"), !codebuild.contains(name) else { return nil }
        let named = ["SRC_DIR_", "SOURCE_VERSION_", "SOURCE_REPO_URL_", "WEBHOOK_", "RUNNER_", "CONFIG_"]
        if named.contains(where: { name.hasPrefix("CODEBUILD_" + $0) }) { return nil }
        return KeySuggestion.nearest(to: name, among: codebuild).flatMap { nearest in
            KeySuggestion.isMisspelling(name, of: nearest) ? nearest : nil
        }
    }
}
