/// Which settings of a project have no effect in this runner, and why: the one table of them.
///
/// Every field of the behaviour reference, sections 10.1 to 10.7, is either read by ``ProjectReader`` or listed here; what
/// is neither is told as unknown.
enum ProjectFields {
    /// What is told about a setting.
    struct Remark {
        var text: String
        /// Whether nobody could expect an effect on the build.
        var isQuiet = false
    }

    /// Fields by their path in API names, in lower case.
    static let withoutEffect: [String: Remark] = [
        "description": quiet("it is for people"),
        "tags": quiet("they are for people and for billing"),
        "arn": quiet("it names the project in the cloud"),
        "created": quiet("it is about the project in the cloud"),
        "lastmodified": quiet("it is about the project in the cloud"),
        "publicprojectalias": quiet("it is about the project in the cloud"),
        "badge": quiet("no badge is made here"),
        "projectvisibility": quiet("builds of this machine are not published"),
        "resourceaccessrole": quiet("builds of this machine are not published"),
        "webhook": quiet("nothing starts builds here but you"),
        "queuedtimeoutinminutes": quiet("builds do not queue here"),
        "concurrentbuildlimit": quiet("builds are started one by one here"),
        "autoretrylimit": loud("a failed build is not started again"),
        "buildbatchconfig": loud("this is one ordinary build"),
        "vpcconfig": loud("the build uses this machine's network"),
        "filesystemlocations": loud("no file system is mounted, and CODEBUILD_<identifier> is not set"),
        "source.auth": quiet("git uses this machine's own credentials"),
        "source.reportbuildstatus": quiet("no status is reported to the repository"),
        "source.buildstatusconfig": quiet("no status is reported to the repository"),
        "environment.certificate": loud("no certificate is installed in the build"),
        "environment.registrycredential": loud("images are fetched with this machine's own logins"),
        "environment.imagepullcredentialstype": quiet("images are fetched with this machine's own logins"),
        "environment.fleet": loud("the build runs on this machine"),
        "environment.computeconfiguration": loud("the build has what this machine has"),
        "environment.dockerserver": loud("no remote docker server is used"),
        "environment.hostkernel": loud("the build has this machine's kernel"),
    ]

    /// CloudFormation's (and create-project's) names that are no API names with an upper-case first letter.
    static let otherNames: [String: String] = [
        "badgeenabled": "badge", "visibility": "projectvisibility", "triggers": "webhook",
    ]

    /// What is told about a field; secondary sources are as the primary one.
    static func remark(_ path: String) -> Remark? {
        let parts = path.split(separator: ".").filter { !$0.allSatisfy(\.isNumber) }
        let key = parts.map { $0.lowercased() }.joined(separator: ".")
        return withoutEffect[
            key.hasPrefix("secondarysources.") ? "source." + key.dropFirst("secondarysources.".count) : key]
    }

    private static func quiet(_ text: String) -> Remark { Remark(text: text, isQuiet: true) }

    private static func loud(_ text: String) -> Remark { Remark(text: text) }
}
